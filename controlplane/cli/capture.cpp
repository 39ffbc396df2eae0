#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <expected>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <thread>
#include <tuple>

#include "controlplane/capture/pcapng.h"
#include "controlplane/cli/commands.h"

namespace wardline::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;

// Ctrl-C ends the capture, and what was taken is still written.
void end_at_interrupt() {
  struct sigaction action{};
  action.sa_handler = [](int) { interrupted = 1; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// The file of one capture, with an interface for each leg of the appliance.
class File {
 public:
  // Never over a file that is there; for its owner alone, since it names who speaks with whom.
  static std::expected<File, std::string> create(const std::string& path) {
    const int descriptor = open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (descriptor < 0)
      return std::unexpected(fmt::format("{}: cannot be made: {}{}", path, std::strerror(errno),
                                         errno == EEXIST ? "; choose another name by --out" : ""));
    return File(path, fdopen(descriptor, "w"));
  }

  void begin(const Json& legs, std::uint32_t snap) {
    put(capture::section_header("wardline"));
    for (const auto& leg : legs) {
      legs_.emplace(key_of(leg), static_cast<std::uint32_t>(legs_.size()));
      put(capture::interface_description(field(leg, "name"), snap));
    }
  }

  // False for a frame of a leg that was not named, or whose headers cannot be read: no daemon of ours sends it.
  bool write(const Json& frame) {
    const auto leg = legs_.find(key_of(frame));
    const auto bytes = bytes_of(field(frame, "headers"));
    if (leg == legs_.end() || !bytes) return false;
    const auto comment = field(frame, "comment");
    put(capture::enhanced_packet({.interface = leg->second,
                                  .time = number(frame, "time"),
                                  .wire_length = static_cast<std::uint32_t>(number(frame, "wire_length")),
                                  .outbound = field(frame, "direction") == "out",
                                  .bytes = std::as_bytes(std::span(*bytes)),
                                  .comment = comment}));
    ++frames_;
    return true;
  }

  bool finish() { return std::fflush(file_.get()) == 0 && std::ferror(file_.get()) == 0; }
  const std::string& path() const { return path_; }
  std::uint64_t frames() const { return frames_; }

 private:
  using Key = std::tuple<std::uint64_t, std::uint64_t, std::string>;

  File(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}
  void put(const std::string& block) { std::fwrite(block.data(), 1, block.size(), file_.get()); }
  static Key key_of(const Json& leg) { return {number(leg, "bundle"), number(leg, "pair"), field(leg, "side")}; }

  static std::optional<std::string> bytes_of(const std::string& hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
      unsigned byte = 0;
      const auto [end, error] = std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
      if (error != std::errc() || end != hex.data() + i + 2) return std::nullopt;
      bytes += static_cast<char>(byte);
    }
    return bytes;
  }

  std::string path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::map<Key, std::uint32_t> legs_;
  std::uint64_t frames_ = 0;
};

// Takes frames until the daemon says that it is over; its last answer.
std::expected<Json, ExitCode> take_all(const Context& context, const std::string& id, File& file) {
  constexpr auto kPause = std::chrono::milliseconds(100);
  for (;;) {
    auto answer = ask(context, {{"op", "capture.poll"}, {"id", id}, {"stop", interrupted != 0}});
    if (!answer) return answer;
    const auto frames = answer->value("frames", Json::array());
    for (const auto& frame : frames)
      if (!file.write(frame)) {
        tell_error(context.socket + ": the daemon tells of a leg that it has not named; is it of another version?");
        return std::unexpected(kNoDaemon);
      }
    if (field(*answer, "ended") != "-") return answer;
    if (frames.empty()) std::this_thread::sleep_for(kPause);
  }
}

void print_end(const Context& context, const File& file, const std::string& ended, std::uint64_t not_written) {
  if (context.json)
    return print_line({{"type", "capture"},
                       {"file", file.path()},
                       {"frames", file.frames()},
                       {"not_written", not_written},
                       {"ended", ended}});
  fmt::print("{} frames written to {}; {} frames not written", file.frames(), file.path(), not_written);
  fmt::print("{}\n", not_written == 0   ? "."
                     : ended == "limit" ? ": the limit was reached."
                                        : ": more came than could be taken. Ask for less with a narrower filter.");
}

}  // namespace

ExitCode capture_frames(const Context& context, const CaptureOptions& options) {
  const auto path = !options.out.empty()
                        ? options.out
                        : fmt::format("wardline-{:%Y%m%dT%H%M%SZ}.pcapng", fmt::gmtime(std::time(nullptr)));
  auto file = File::create(path);
  if (!file) {
    tell_error(file.error());
    return kBadInput;
  }
  end_at_interrupt();
  const auto started = ask(context, {{"op", "capture.start"},
                                     {"filter", options.filter},
                                     {"for_seconds", options.seconds},
                                     {"limit", options.limit},
                                     {"snap", options.snap}});
  if (!started) {
    unlink(path.c_str());  // empty, and made a moment ago
    return started.error();
  }
  const auto capture = started->value("capture", Json::object());
  file->begin(capture.value("legs", Json::array()), static_cast<std::uint32_t>(options.snap));
  const auto last = take_all(context, field(capture, "id"), *file);
  if (!file->finish()) {
    tell_error(file->path() + ": not all frames could be written");
    return kBadInput;
  }
  print_end(context, *file, last ? field(*last, "ended") : "no_answer", last ? number(*last, "not_written") : 0);
  return last ? kFine : last.error();
}

}  // namespace wardline::cli
