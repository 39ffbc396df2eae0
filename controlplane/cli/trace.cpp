#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "controlplane/cli/commands.h"
#include "controlplane/cli/pages.h"
#include "controlplane/cli/stop_signals.h"

namespace wardline::cli {
namespace {

std::expected<Json, ExitCode> ask_trace(const Context& context, const TraceOptions& options, const std::string& after) {
  Json request{{"op", "trace"}, {"from", options.from}, {"to", options.to}};
  if (options.port != 0) request["port"] = options.port;
  if (!after.empty()) request["after"] = after;
  const auto answer = ask(context, request);
  if (!answer) return std::unexpected(answer.error());
  return answer->value("trace", Json::object());
}

// What was not told before, oldest first.
void tell_new(const Json& trace, std::set<std::string>& told) {
  const auto flows = trace.value("flows", Json::array());
  for (auto flow = flows.rbegin(); flow != flows.rend(); ++flow)
    if (told.insert(field(*flow, "id") + field(*flow, "conclusion")).second)
      fmt::print("{}  {}\n", short_time(*flow, "end"), field(*flow, "conclusion"));
  std::fflush(stdout);
}

// Asks once a second for what was told since the beginning; the last answer is the one that counts.
std::expected<Json, ExitCode> watch(const Context& context, const TraceOptions& options) {
  auto trace = ask_trace(context, options, "");
  if (!trace) return trace;
  const auto begun = field(*trace, "time");
  const StopSignals signals;
  std::set<std::string> told;
  if (!context.json) fmt::print("Watching for {} s; Ctrl-C ends it.\n", options.seconds);
  for (std::uint64_t second = 0; second < options.seconds; ++second) {
    const bool stopped = signals.wait(1);
    trace = ask_trace(context, options, begun);
    if (!trace) return trace;
    if (!context.json) tell_new(*trace, told);
    if (stopped) break;
  }
  if (!context.json) fmt::print("\n");
  return trace;
}

}  // namespace

ExitCode trace(const Context& context, const TraceOptions& options) {
  const auto trace = options.live ? watch(context, options) : ask_trace(context, options, "");
  if (!trace) return trace.error();
  if (context.json)
    print_line(*trace);
  else
    fmt::print("{}", trace_page(*trace, context.terminal));
  return kFine;
}

}  // namespace wardline::cli
