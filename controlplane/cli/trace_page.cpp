#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controlplane/cli/cut_table.h"
#include "controlplane/cli/pages.h"
#include "controlplane/cli/text.h"

namespace wardline::cli {
namespace {

constexpr std::size_t kIndent = 10, kMostFlows = 8, kMostConversations = 4;

std::string joined(const Json& list) {
  std::string text;
  for (const auto& item : list) text += (text.empty() ? "" : ", ") + item.get<std::string>();
  return text;
}

std::string clock_of(const Json& record, const char* name) {
  const auto text = short_time(record, name);
  return text.size() == 19 ? text.substr(11) : text;
}

std::string end_text(const Json& end) {
  const auto addresses = joined(list_in(end, "addresses")), roles = joined(list_in(end, "roles"));
  auto text = addresses;
  if (field(end, "device_id") == "-") {
    text += ", no device that was seen here";
  } else {
    const auto host = field(end, "hostname");
    text += fmt::format(", {}{}, class {}, segment {}, last seen {}", field(end, "device_id"),
                        host == "-" ? "" : " (" + host + ")", field(end, "class"), field(end, "segment"),
                        short_time(end, "last_seen"));
    if (field(end, "quarantine") != "none") text += ", quarantined (" + field(end, "quarantine") + ")";
  }
  return roles.empty() ? text : text + "; roles " + roles;
}

// The legs of a side by their ports; of the flow's bundle where that is known.
std::string legs(const Json& trace, const Json& flow, std::string_view side) {
  const auto bundle = field(flow, "bundle");
  std::string specs;
  for (const auto& leg : list_in(trace, "legs")) {
    if (field(leg, "side") != side || (bundle != "-" && field(leg, "bundle") != bundle)) continue;
    specs += (specs.empty() ? "" : " or ") + field(leg, "spec");
    if (field(leg, "link") != "up") specs += " (its link is DOWN)";
  }
  auto text = fmt::format("the {} leg", side);
  if (!specs.empty()) text += " " + specs;
  return bundle == "-" ? text : text + " of bundle " + bundle;
}

std::string decided(const Json& flow) {
  auto text = fmt::format("{} by step {}", field(flow, "verdict"), field(flow, "step"));
  if (const auto rule = field(flow, "rule"); rule != "-")
    text += fmt::format(", rule \"{}\" ({})", rule, field(flow, "rule_at"));
  if (const auto reason = field(flow, "reason"); reason != "-") text += ", reason " + reason;
  text += fmt::format(", mode {}, policy {}", field(flow, "mode"), field(flow, "policy_hash").substr(0, 12));
  if (const auto commit = field(flow, "policy_commit"); commit != "-") text += " (commit " + commit.substr(0, 12) + ")";
  return text;
}

bool opened_by_from(const Json& trace, const Json& flow) {
  const auto from = list_in(trace.value("from", Json::object()), "addresses");
  return std::ranges::count(from, flow.value("client_ip", Json())) != 0;
}

std::string flow_rows(const Json& trace, const Terminal& terminal) {
  CutTable table({"BEGAN", "UP TO", "WAY", "ON", "APP", "DONE", "THERE", "BACK"}, kMostFlows);
  for (const auto& flow : list_in(trace, "flows")) {
    const auto applied = field(flow, "applied"), began = short_time(flow, "time");
    table.add(
        {{began.size() == 19 ? began.substr(5) : began},
         {clock_of(flow, "end")},
         {opened_by_from(trace, flow) ? "->" : "<-"},
         {service(flow, "server_port")},
         {field(flow, "app")},
         {applied + (flow.value("open", false) ? ", open" : ""), applied == "dropped" ? Colour::kBad : Colour::kNone},
         {field(flow, "packets_from_client")},
         {field(flow, "packets_to_client")}});
  }
  for (auto more = number(trace, "more_flows"); more != 0; --more) table.hide();
  return table.text(terminal);
}

std::string remembered_rows(const Json& trace, const Terminal& terminal) {
  CutTable table({"INVENTORY", "WITH", "ON", "APP", "VERDICT", "FLOWS", "FIRST SEEN", "LAST SEEN"}, kMostConversations);
  for (const auto& item : list_in(trace, "conversations")) {
    table.add({{field(item, "device_id")},
               {(field(item, "direction") == "to_device" ? "from " : "to ") + field(item, "peer")},
               {service(item, "port")},
               {field(item, "app")},
               {field(item, "verdict")},
               {field(item, "flows")},
               {short_time(item, "first_seen")},
               {short_time(item, "last_seen")}});
  }
  return table.text(terminal);
}

// What the flow's legs lost while it lived; "" where that is nothing.
std::string losses(const Json& flow) {
  std::string text;
  for (const auto& loss : list_in(flow, "lost"))
    text += fmt::format("{}{} in, {} out by {} ({} to {})", text.empty() ? "" : "; ", field(loss, "lost_in"),
                        field(loss, "lost_out"), field(loss, "leg"), clock_of(loss, "since"), clock_of(loss, "until"));
  return text.empty() ? text : "perhaps: its legs lost frames, " + text;
}

// The newest flow, step by step.
std::string steps_of(const Json& trace, const Json& flow, const Terminal& terminal) {
  const auto put = [&](std::string_view name, const std::string& value) {
    return labelled(name, value, kIndent, terminal);
  };
  const bool from_core = field(flow, "opened_by") == "peer";
  const bool dropped = field(flow, "applied") == "dropped";
  const auto back = field(flow, "packets_to_client");
  auto text =
      "\n" + put("In by", legs(trace, flow, from_core ? "core" : "device") + ", segment " + field(flow, "segment"));
  text += put("Decided", decided(flow));
  if (field(flow, "verdict") != "allow") text += put("", field(flow, "explanation"));
  text += put("Out by", dropped ? "no leg: dropped here" : legs(trace, flow, from_core ? "device" : "core"));
  if (const auto lost = losses(flow); !lost.empty()) text += put("Lost", lost);
  return text + put("Answer", dropped       ? "none: it did not arrive"
                              : back == "-" ? "not known yet"
                              : back == "0" ? "none"
                                            : back + (back == "1" ? " packet" : " packets"));
}

Colour colour_of(const std::string& outcome) {
  if (outcome == "answered") return Colour::kGood;
  return outcome == "dropped" ? Colour::kBad : Colour::kNotice;
}

}  // namespace

std::string trace_page(const Json& trace, const Terminal& given) {
  const auto terminal = paged(given);
  const auto put = [&](std::string_view name, const std::string& value) {
    return labelled(name, value, kIndent, terminal);
  };
  auto text = put("From", end_text(trace.value("from", Json::object())));
  text += put("To", end_text(trace.value("to", Json::object())));
  text += flow_rows(trace, terminal);
  const auto flows = list_in(trace, "flows");
  if (flows.empty()) text += remembered_rows(trace, terminal);
  if (!flows.empty()) text += steps_of(trace, flows.front(), terminal);
  const auto outcome = field(trace, "outcome");
  const bool may_change =
      flows.empty() || ((outcome == "unanswered" || outcome == "may_be_lost") && flows.front().value("open", false));
  if (may_change) {
    text += "\n";
    for (const auto& sentence : list_in(trace, "untold")) text += put("Not yet", sentence.get<std::string>() + ".");
  }
  return text + "\n" + coloured(wrapped(field(trace, "conclusion"), terminal.width, 0), colour_of(outcome), terminal) +
         "\n";
}

}  // namespace wardline::cli
