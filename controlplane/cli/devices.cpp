#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controlplane/cli/commands.h"
#include "controlplane/cli/pages.h"

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
    fmt::print("{}", device_page(record, context.terminal));
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
