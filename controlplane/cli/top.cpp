#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "controlplane/cli/client.h"
#include "controlplane/cli/commands.h"
#include "controlplane/cli/pages.h"
#include "controlplane/cli/stop_signals.h"

namespace wardline::cli {
namespace {

using Clock = std::chrono::steady_clock;

std::expected<Json, ClientFailure> ask_status(const Context& context) {
  const auto reply = ask_daemon(context.socket, R"({"op":"status"})", std::chrono::seconds(5));
  if (!reply) return std::unexpected(reply.error());
  auto answer = Json::parse(*reply, nullptr, false);
  if (!answer.is_object() || !answer.contains("status"))
    return std::unexpected(ClientFailure{kNoDaemon, context.socket + ": what answers here is no wardlined"});
  return answer["status"];
}

// Draws each page over the one before on a terminal, and one below the other elsewhere.
class Screen {
 public:
  explicit Screen(const Context& context) : context_(context), live_(!context.json && context.terminal.width != 0) {
    if (live_) fmt::print("\x1b[2J\x1b[?25l");  // an empty screen without a cursor
  }
  ~Screen() {
    if (live_) fmt::print("\x1b[?25h");
  }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  bool live() const { return live_; }

  void show(const Json& sample) {
    if (context_.json)
      print_line(sample);
    else if (live_)
      draw(top_page(sample, Terminal::of_stdout()));
    else
      fmt::print("{}\n", top_page(sample, context_.terminal));
    std::fflush(stdout);
  }

  void tell_away(const std::string& what) {
    const auto sentence = what + " Asking again until it answers.";
    if (live_)
      draw(coloured(sentence, Colour::kBad, context_.terminal) + "\n");
    else
      tell_error(sentence);
    std::fflush(stdout);
  }

 private:
  // From the upper left corner; what was there is overwritten, and what is below goes.
  static void draw(const std::string& page) {
    const auto height = Terminal::of_stdout().height;
    std::string drawn = "\x1b[H";
    std::size_t lines = 0;
    for (const char byte : page) {
      if (byte != '\n') {
        drawn += byte;
        continue;
      }
      drawn += "\x1b[K";
      if (++lines + 1 >= height) break;
      drawn += '\n';
    }
    fmt::print("{}\x1b[J", drawn);
  }

  const Context& context_;
  const bool live_;
};

}  // namespace

ExitCode top(const Context& context, const TopOptions& options) {
  auto before = ask_status(context);
  if (!before) {
    tell_error(before.error().what);
    return before.error().exit;
  }
  auto asked = Clock::now();
  const StopSignals signals;
  Screen screen(context);
  if (screen.live()) screen.show(top_sample(*before, *before, 0));
  bool away = false;
  for (std::uint64_t shown = 0; options.count == 0 || shown < options.count;) {
    if (signals.wait(static_cast<std::time_t>(options.interval))) break;
    auto now = ask_status(context);
    if (!now && now.error().exit != kNoDaemon) {
      tell_error(now.error().what);
      return now.error().exit;
    }
    if (!now) {
      if (!std::exchange(away, true)) screen.tell_away(now.error().what);
      continue;
    }
    away = false;
    const auto since = std::exchange(asked, Clock::now());
    screen.show(top_sample(*before, *now, std::chrono::duration<double>(asked - since).count()));
    ++shown;
    before = std::move(now);
  }
  return kFine;
}

}  // namespace wardline::cli
