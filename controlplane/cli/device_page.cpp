#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "controlplane/cli/cut_table.h"
#include "controlplane/cli/pages.h"
#include "controlplane/cli/text.h"

namespace wardline::cli {
namespace {

constexpr std::size_t kIndent = 12;
constexpr std::size_t kMostEvidence = 6, kMostFindings = 4, kMostConversations = 8, kMostViolations = 4,
                      kMostChanges = 4;

// What is known of several fields: "vendor X, model Y".
std::string known(const Json& record, std::initializer_list<const char*> names) {
  std::string text;
  for (const char* name : names)
    if (const auto value = field(record, name); value != "-")
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, value);
  return text;
}

std::string day_and_second(const Json& record, const char* name) {
  const auto text = short_time(record, name);
  return text.size() == 19 ? text.substr(5) : text;
}

std::string names_of(const Json& device) {
  const auto id = field(device, "device_id"), host = field(device, "hostname"), title = field(device, "class_title");
  const auto name = host == "-" || host == id ? id : fmt::format("{} ({})", host, id);
  return title == "-" ? name : fmt::format("{}, {}", name, title);
}

std::string class_of(const Json& device) {
  auto text = fmt::format("{}, confidence {}", field(device, "class"), field(device, "confidence"));
  for (const char* name : {"criticality", "purpose"})
    if (const auto value = field(device, name); value != "-") text += fmt::format(", {} {}", name, value);
  return text;
}

std::string why_class(const Json& device) {
  const auto reason = field(device, "class_reason");
  std::string others;
  for (const auto& other : list_in(device, "runners_up"))
    others +=
        fmt::format("{}{} (weight {})", others.empty() ? "" : ", ", field(other, "class"), field(other, "weight"));
  return others.empty() ? reason : reason + "; could also be " + others;
}

std::string quarantine_of(const Json& device) {
  const auto list = list_in(device, "quarantines");
  const auto hold = short_time(device, "hold_until");
  const auto held = hold == "-" ? "" : fmt::format("; no automatic one until {}", hold);
  if (list.empty()) return field(device, "quarantine") + held;
  const auto& open = list.front();
  const auto until = short_time(open, "until");
  return fmt::format("{} is {} since {}, by {}{} ({}): {}{}", field(open, "profile"), field(open, "state"),
                     short_time(open, "time"), field(open, "by"), until == "-" ? "" : ", until " + until,
                     field(open, "id"), field(open, "reason"), held);
}

std::string owner_of(const Json& device) {
  const auto owner = field(device, "owner");
  const bool registered = device.value("registered", Json(false)) == Json(true);
  const auto place = registered ? "in the asset register" : "not in the asset register";
  return owner == "-" ? place : fmt::format("{}, {}", owner, place);
}

std::string place_of(const Json& device) {
  const auto place = known(device, {"segment", "ward", "switch", "port"}), source = field(device, "place_source");
  return source == "-" ? place : fmt::format("{} (told by: {})", place, source);
}

std::string head_of(const Json& device, const Terminal& terminal) {
  std::string text;
  const auto put = [&](std::string_view name, const std::string& value, Colour colour = Colour::kNone) {
    if (value.empty() || value == "-") return;
    text += labelled(name, value, kIndent, terminal, colour);
  };
  put("device", names_of(device));
  put("class", class_of(device), field(device, "class") == "unidentified" ? Colour::kNotice : Colour::kNone);
  put("  why", why_class(device));
  put("quarantine", quarantine_of(device), field(device, "quarantine") == "none" ? Colour::kNone : Colour::kBad);
  put("mode", field(device, "mode"));
  put("made", known(device, {"vendor", "model", "os", "firmware", "serial"}));
  put("owner", owner_of(device));
  put("place", place_of(device));
  for (const auto& interface : list_in(device, "interfaces")) {
    auto line = fmt::format("{} in {}", field(interface, "mac"), field(interface, "segment"));
    for (const auto& ip : list_in(interface, "ips")) line += ", " + ip.get<std::string>();
    put("interface", line);
  }
  put("seen", fmt::format("first {}, last {} UTC", short_time(device, "first_seen"), short_time(device, "last_seen")));
  return text;
}

std::string evidence_of(const Json& device, const Terminal& terminal) {
  auto list = list_in(device, "evidence").get<std::vector<Json>>();
  const auto weight = [](const Json& item) { return item.value("weight", 0); };
  std::ranges::stable_sort(list, std::ranges::greater{}, weight);
  CutTable table({"EVIDENCE", "ATTRIBUTE", "VALUE", "WEIGHT", "LAST SEEN"}, kMostEvidence);
  for (const auto& item : list) {
    if (weight(item) <= 0 && weight(list.front()) > 0) {
      table.hide();
      continue;
    }
    table.add({{field(item, "source")},
               {field(item, "attribute")},
               {field(item, "value")},
               {field(item, "weight")},
               {day_and_second(item, "last_seen")}});
  }
  return table.text(terminal);
}

std::string findings_of(const Json& device, const Terminal& terminal) {
  CutTable table({"FINDING", "SEVERITY", "STATE", "SINCE", "WHAT"}, kMostFindings);
  for (const auto& finding : list_in(device, "findings")) {
    const auto severity = field(finding, "severity"), state = field(finding, "state");
    const bool grave = state == "open" && (severity == "high" || severity == "critical");
    table.add({{field(finding, "kind")},
               {severity, grave ? Colour::kBad : Colour::kNone},
               {state},
               {day_and_second(finding, "first_seen")},
               {field(finding, "explanation")}});
  }
  return table.text(terminal);
}

Colour colour_of(const std::string& verdict) {
  return verdict == "block" ? Colour::kBad : verdict == "would_block" ? Colour::kNotice : Colour::kNone;
}

std::string conversations_of(const Json& device, const Terminal& terminal) {
  CutTable table({"TALKS", "WITH", "ON", "APP", "VERDICT", "FLOWS", "BYTES", "LAST SEEN"}, kMostConversations);
  for (const auto& item : list_in(device, "conversations")) {
    const auto verdict = field(item, "verdict");
    const auto bytes = number(item, "bytes_from_device") + number(item, "bytes_to_device");
    table.add({{field(item, "direction") == "to_device" ? "from" : "to"},
               {field(item, "peer")},
               {service(item, "port")},
               {field(item, "app")},
               {verdict, colour_of(verdict)},
               {field(item, "flows")},
               {amount(static_cast<double>(bytes))},
               {day_and_second(item, "last_seen")}});
  }
  return table.text(terminal);
}

std::string violations_of(const Json& device, const Terminal& terminal) {
  CutTable table({"BLOCK AT", "DONE", "REASON", "PACKETS", "ON", "WITH"}, kMostViolations);
  for (const auto& item : list_in(device, "violations")) {
    const bool from_peer = field(item, "opened_by") == "peer";
    table.add({{day_and_second(item, "time")},
               {field(item, "applied"), colour_of(field(item, "verdict"))},
               {field(item, "reason")},
               {field(item, "count")},
               {service(item, "server_port")},
               {(from_peer ? "from " : "to ") + field(item, from_peer ? "client_ip" : "server_ip")}});
  }
  return table.text(terminal);
}

std::string history_of(const Json& device, const Terminal& terminal) {
  CutTable table({"CHANGE AT", "OF", "FROM", "TO"}, kMostChanges);
  for (const auto& change : list_in(device, "history"))
    table.add({{day_and_second(change, "time")},
               {field(change, "attribute")},
               {field(change, "before")},
               {field(change, "after")}});
  return table.text(terminal);
}

}  // namespace

Terminal paged(Terminal terminal) {
  if (terminal.width == 0) terminal.width = 80;
  return terminal;
}

std::string labelled(std::string_view name, const std::string& value, std::size_t indent, const Terminal& terminal,
                     Colour colour) {
  return fmt::format("{:<{}}{}\n", name, indent, coloured(wrapped(value, terminal.width, indent), colour, terminal));
}

std::string device_page(const Json& device, const Terminal& given) {
  const auto terminal = paged(given);
  return head_of(device, terminal) + evidence_of(device, terminal) + findings_of(device, terminal) +
         conversations_of(device, terminal) + violations_of(device, terminal) + history_of(device, terminal);
}

}  // namespace wardline::cli
