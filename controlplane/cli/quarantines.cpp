#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controlplane/cli/commands.h"

namespace wardline::cli {
namespace {

void print_changed(const Context& context, const Json& answer) {
  const auto record = answer.value("record", Json::object());
  if (context.json) {
    print_line(record);
    return;
  }
  const auto state = field(record, "state"), until = short_time(record, "until");
  fmt::print("Quarantine {} ({}) of {} is {}", field(record, "id"), field(record, "profile"),
             field(record, "device_id"), state);
  const bool holds = state == "active" || state == "pending";
  if (holds && until != "-") fmt::print(" until {} UTC", until);
  fmt::print(".{}\n", holds ? " It reaches what crosses this appliance only." : "");
}

Colour colour_of_state(const std::string& state) {
  return state == "active" ? Colour::kBad : state == "pending" ? Colour::kNotice : Colour::kNone;
}

}  // namespace

ExitCode quarantine_add(const Context& context, const QuarantineOptions& options) {
  Json request{
      {"op", "quarantine.add"}, {"device", options.device}, {"profile", options.profile}, {"reason", options.reason}};
  if (options.seconds != 0) request["for_seconds"] = options.seconds;
  const auto answer = ask(context, request);
  if (!answer) return answer.error();
  print_changed(context, *answer);
  return kFine;
}

ExitCode quarantine_list(const Context& context, bool all) {
  const auto answer = ask(context, {{"op", "quarantine.list"}, {"all", all}});
  if (!answer) return answer.error();
  if (context.json) {
    print_records(*answer);
    return kFine;
  }
  Table table({"ID", "DEVICE", "CLASS", "PROFILE", "STATE", "BY", "SINCE", "UNTIL", "REASON"});
  for (const auto& quarantine : answer->value("records", Json::array())) {
    const auto state = field(quarantine, "state");
    table.add({{field(quarantine, "id")},
               {field(quarantine, "device_id")},
               {field(quarantine, "class")},
               {field(quarantine, "profile")},
               {state, colour_of_state(state)},
               {field(quarantine, "by")},
               {short_time(quarantine, "time")},
               {short_time(quarantine, "until")},
               {field(quarantine, "reason")}});
  }
  fmt::print("{}", table.empty() ? "No quarantine is open.\n" : table.text(context.terminal));
  return kFine;
}

ExitCode quarantine_change(const Context& context, const std::string& verb, const std::string& id) {
  const auto answer = ask(context, {{"op", "quarantine." + verb}, {"id", id}});
  if (!answer) return answer.error();
  print_changed(context, *answer);
  return kFine;
}

}  // namespace wardline::cli
