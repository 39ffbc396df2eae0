#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "controlplane/cli/commands.h"

namespace wardline::cli {
namespace {

Colour colour_of_verdict(const std::string& verdict) {
  return verdict == "block" ? Colour::kBad : verdict == "would_block" ? Colour::kNotice : Colour::kNone;
}

std::string end_text(const Json& record, const char* ip, const char* port) {
  const auto address = field(record, ip), number = field(record, port);
  if (number == "-") return address;
  return address.find(':') == std::string::npos ? address + ":" + number : "[" + address + "]:" + number;
}

std::expected<Json, ExitCode> list(const Context& context, const char* op, const ListOptions& options) {
  Json request{{"op", op}, {"limit", options.limit}};
  if (!options.device.empty()) request["device"] = options.device;
  return ask(context, request);
}

}  // namespace

ExitCode flow_list(const Context& context, const ListOptions& options) {
  const auto answer = list(context, "flow.list", options);
  if (!answer) return answer.error();
  if (context.json) {
    print_records(*answer);
    return kFine;
  }
  Table table({"TIME", "DEVICE", "CLIENT", "SERVER", "PROTO", "APP", "VERDICT", "RULE", "FLOWS", "PACKETS", "ID"});
  for (const auto& flow : answer->value("records", Json::array())) {
    const auto verdict = field(flow, "verdict");
    const auto packets = number(flow, "packets_from_device") + number(flow, "packets_to_device");
    table.add({{short_time(flow, "time")},
               {field(flow, "device_id")},
               {end_text(flow, "client_ip", "client_port")},
               {end_text(flow, "server_ip", "server_port")},
               {field(flow, "proto")},
               {field(flow, "app")},
               {verdict, colour_of_verdict(verdict)},
               {field(flow, "rule")},
               {std::to_string(std::max<std::uint64_t>(number(flow, "flows"), 1))},
               {std::to_string(packets)},
               {field(flow, "id")}});
  }
  fmt::print("{}", table.empty() ? "No flow was reported yet.\n" : table.text(context.terminal));
  return kFine;
}

ExitCode violation_list(const Context& context, const ListOptions& options) {
  const auto answer = list(context, "violation.list", options);
  if (!answer) return answer.error();
  if (context.json) {
    print_records(*answer);
    return kFine;
  }
  Table table({"TIME", "DEVICE", "CLASS", "VERDICT", "REASON", "COUNT", "ID", "EXPLANATION"});
  for (const auto& violation : answer->value("records", Json::array())) {
    const auto verdict = field(violation, "verdict");
    table.add({{short_time(violation, "time")},
               {field(violation, "device_id")},
               {field(violation, "class")},
               {verdict, colour_of_verdict(verdict)},
               {field(violation, "reason")},
               {field(violation, "count")},
               {field(violation, "id")},
               {field(violation, "explanation")}});
  }
  fmt::print("{}", table.empty() ? "No violation was seen.\n" : table.text(context.terminal));
  return kFine;
}

ExitCode explain(const Context& context, const std::string& device, const std::string& flow) {
  Json request{{"op", "explain"}, {"device", device}};
  if (!flow.empty()) request["flow"] = flow;
  const auto answer = ask(context, request);
  if (!answer) return answer.error();
  if (context.json)
    print_line({{"device_id", field(*answer, "device_id")}, {"text", field(*answer, "text")}});
  else
    fmt::print("{}", field(*answer, "text"));
  return kFine;
}

}  // namespace wardline::cli
