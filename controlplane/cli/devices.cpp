#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controlplane/cli/commands.h"

namespace wardline::cli {
namespace {

Colour colour_of_quarantine(const std::string& quarantine) {
  return quarantine == "none" || quarantine == "-" ? Colour::kNone : Colour::kBad;
}

std::string first_interface(const Json& device, const char* name) {
  const auto list = device.find("interfaces");
  if (list == device.end() || !list->is_array() || list->empty()) return "-";
  const auto& first = list->front();
  if (std::string_view(name) != "ips") return field(first, name);
  const auto ips = first.find("ips");
  return ips != first.end() && ips->is_array() && !ips->empty() ? ips->back().get<std::string>() : "-";
}

void print_device(const Context& context, const Json& device) {
  const auto put = [](const char* name, const std::string& value) {
    if (value != "-") fmt::print("{:<12} {}\n", name, value);
  };
  put("device", field(device, "device_id"));
  const auto quarantine = field(device, "quarantine");
  put("quarantine", coloured(quarantine, colour_of_quarantine(quarantine), context.terminal));
  for (const char* name : {"class", "confidence", "criticality", "purpose", "mode", "segment", "vendor", "model", "os",
                           "firmware", "serial", "hostname", "location"})
    put(name, field(device, name));
  put("first seen", short_time(device, "first_seen"));
  put("last seen", short_time(device, "last_seen"));
  for (const auto& interface : device.value("interfaces", Json::array())) {
    std::string line = field(interface, "mac") + " in " + field(interface, "segment");
    for (const auto& ip : interface.value("ips", Json::array())) line += ", " + ip.get<std::string>();
    put("interface", line);
  }
  Table evidence({"weight", "source", "attribute", "value", "last seen"});
  for (const auto& item : device.value("evidence", Json::array()))
    evidence.add({{field(item, "weight")},
                  {field(item, "source")},
                  {field(item, "attribute")},
                  {field(item, "value")},
                  {short_time(item, "last_seen")}});
  if (!evidence.empty()) fmt::print("\n{}", evidence.text(context.terminal));
}

}  // namespace

ExitCode device_list(const Context& context) {
  const auto answer = ask(context, {{"op", "device.list"}});
  if (!answer) return answer.error();
  if (context.json) {
    print_records(*answer);
    return kFine;
  }
  Table table({"DEVICE", "CLASS", "MAC", "ADDRESS", "SEGMENT", "QUARANTINE", "LAST SEEN", "NAME"});
  for (const auto& device : answer->value("records", Json::array())) {
    const auto quarantine = field(device, "quarantine"), device_class = field(device, "class");
    table.add({{field(device, "device_id")},
               {device_class, device_class == "unidentified" ? Colour::kNotice : Colour::kNone},
               {first_interface(device, "mac")},
               {first_interface(device, "ips")},
               {first_interface(device, "segment")},
               {quarantine, colour_of_quarantine(quarantine)},
               {short_time(device, "last_seen")},
               {field(device, "hostname")}});
  }
  fmt::print("{}", table.empty() ? "No device was seen yet.\n" : table.text(context.terminal));
  return kFine;
}

ExitCode device_show(const Context& context, const std::string& device) {
  const auto answer = ask(context, {{"op", "device.show"}, {"device", device}});
  if (!answer) return answer.error();
  const auto record = answer->value("record", Json::object());
  if (context.json)
    print_line(record);
  else
    print_device(context, record);
  return kFine;
}

ExitCode hold(const Context& context, const std::string& device, std::uint64_t seconds) {
  const auto answer = ask(context, {{"op", "hold"}, {"device", device}, {"for_seconds", seconds}});
  if (!answer) return answer.error();
  if (context.json)
    print_line({{"device_id", field(*answer, "device_id")}, {"until", field(*answer, "until")}});
  else
    fmt::print("No automatic quarantine of {} until {} UTC.\n", field(*answer, "device_id"),
               short_time(*answer, "until"));
  return kFine;
}

}  // namespace wardline::cli
