// wardlined run|bypass --config FILE
#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

#include "controlplane/daemon/daemon.h"

namespace {

using namespace wardline;

daemon::Signals signals;

void on_signal(int number) {
  if (number == SIGHUP)
    signals.reload = true;
  else
    signals.stop = true;
}

constexpr std::string_view kHelp = R"(wardlined - the bump in the wire

  wardlined run --config FILE      enforce the policy between the ports of FILE
  wardlined bypass --config FILE   forward everything between them, without policy, counted

  --help     this text      --version  the version

SIGHUP reads the policy anew; SIGTERM and SIGINT stop cleanly. The keys of FILE are in docs/operations.md.
Exit: 0 stopped cleanly, 2 bad usage or configuration, 1 anything else that kept it from running.
)";

int tell(const Errors& errors) {
  for (const auto& error : errors) spdlog::error("{}", error.text());
  spdlog::error("not started: {} problem{}", errors.size(), errors.size() == 1 ? "" : "s");
  return 1;
}

void tell_notices(runtime::DataplaneRuntime& ports) {
  for (const auto& notice : ports.take_notices())
    spdlog::log(notice.level == runtime::Notice::Level::kWarning ? spdlog::level::warn : spdlog::level::info, "{}",
                notice.line());
}

int run_bypass(const daemon::Config& config) {
  auto ports = runtime::DataplaneRuntime::open(config.ports);
  if (!ports) return tell(ports.error());
  if (auto started = (*ports)->start_bypass(); !started) return tell({started.error()});
  spdlog::warn("bypass: everything passes, nothing is judged");
  while (!signals.stop) {
    tell_notices(**ports);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  const auto stopped = (*ports)->stop();
  for (std::size_t lane = 0; lane < (*ports)->lanes().size(); ++lane) {
    const auto& counters = (*ports)->counters(lane);
    spdlog::info("lane {}: received {}, forwarded {}, dropped {}", lane, counters.received.read(),
                 counters.forwarded.read(), counters.dropped_total());
  }
  return stopped ? 0 : tell({stopped.error()});
}

int run(daemon::Config config) {
  auto started = daemon::Daemon::start(std::move(config));
  if (!started) return tell(started.error());
  (*started)->run(signals);
  spdlog::info("stopping");
  const auto stopped = (*started)->stop();
  const int code = stopped ? 0 : tell({stopped.error()});
  // Everything is written and no port is open: whoever restarts the daemon does not wait for a compilation, or for a
  // look at all records, to end.
  if ((*started)->still_reading()) std::_Exit(code);
  return code;
}

}  // namespace

int main(int count, char** words) {
  const std::string_view verb = count > 1 ? words[1] : "";
  if (verb == "--help" || verb == "-h" || verb == "help") return fmt::print("{}", kHelp), 0;
  if (verb == "--version") return fmt::print("wardlined 0.1.0\n"), 0;
  if (count == 3 && std::string_view(words[2]) == "--help") return fmt::print("{}", kHelp), 0;
  if (count != 4 || (verb != "run" && verb != "bypass") || std::string_view(words[2]) != "--config")
    return fmt::print(stderr, "{}", kHelp), 2;

  spdlog::set_default_logger(spdlog::stderr_color_mt("wardlined"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
  auto config = daemon::load_config(words[3]);
  if (!config) return tell(config.error()), 2;
  struct sigaction action {};
  action.sa_handler = on_signal;
  for (const int number : {SIGHUP, SIGINT, SIGTERM}) sigaction(number, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return verb == "bypass" ? run_bypass(*config) : run(std::move(*config));
}
