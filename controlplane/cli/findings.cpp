#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controlplane/cli/commands.h"
#include "controlplane/findings/kinds.h"

namespace wardline::cli {
namespace {

Colour colour_of(const std::string& severity, const std::string& state) {
  if (state != "open") return Colour::kNone;
  return severity == "high" || severity == "critical" ? Colour::kBad : Colour::kNotice;
}

}  // namespace

ExitCode finding_list(const Context& context, const FindingOptions& options) {
  Json request{{"op", "finding.list"}};
  for (const auto& [name, value] : {std::pair{"device", &options.device},
                                    {"kind", &options.kind},
                                    {"state", &options.state},
                                    {"severity", &options.severity}})
    if (!value->empty()) request[name] = *value;
  const auto answer = ask(context, request);
  if (!answer) return answer.error();
  if (context.json) {
    print_records(*answer);
    return kFine;
  }
  Table table({"ID", "SEVERITY", "KIND", "DEVICE", "STATE", "SINCE", "LAST SEEN", "COUNT", "WHAT"});
  for (const auto& finding : answer->value("records", Json::array())) {
    const auto severity = field(finding, "severity"), state = field(finding, "state");
    table.add({{field(finding, "id")},
               {severity, colour_of(severity, state)},
               {field(finding, "kind")},
               {field(finding, "device_id")},
               {state},
               {short_time(finding, "first_seen")},
               {short_time(finding, "last_seen")},
               {field(finding, "count")},
               {field(finding, "explanation")}});
  }
  fmt::print("{}", table.empty() ? "Nothing of the kind was found.\n" : table.text(context.terminal));
  return kFine;
}

ExitCode finding_acknowledge(const Context& context, const std::string& id, const std::string& note,
                             std::uint64_t seconds) {
  Json request{{"op", "finding.acknowledge"}, {"id", id}, {"note", note}};
  if (seconds != 0) request["for_seconds"] = seconds;
  const auto answer = ask(context, request);
  if (!answer) return answer.error();
  const auto record = answer->value("record", Json::object());
  if (context.json) {
    print_line(record);
    return kFine;
  }
  const auto until = short_time(record, "until");
  fmt::print("Finding {} ({}) is acknowledged by {} {}.\n", field(record, "id"), field(record, "kind"),
             field(record, "by"), until == "-" ? "until it is over" : "until " + until + " UTC");
  return kFine;
}

ExitCode finding_docs() {
  fmt::print("{}", findings::manual());
  return kFine;
}

}  // namespace wardline::cli
