#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controlplane/cli/commands.h"
#include "controlplane/records/rate_text.h"

namespace wardline::cli {
namespace {

void print_policy(const Context& context, const Json& status) {
  const auto policy = status.value("policy", Json());
  if (!policy.is_object()) {
    const bool loading = status.value("policy_loading", false);
    fmt::print("{}\n",
               coloured(loading ? "No policy is in force yet: one is being loaded, and everything passes meanwhile."
                                : "No policy is in force: everything passes. `wardline policy reload` loads one.",
                        Colour::kBad, context.terminal));
    return;
  }
  fmt::print("policy    {} of {}, hash {}, commit {}, epoch {}\n", field(policy, "directory"), field(policy, "site"),
             field(policy, "policy_hash").substr(0, 12), field(policy, "policy_commit").substr(0, 12),
             field(policy, "epoch"));
}

// "1 Gb/s", "100 Mb/s half".
std::string speed_of(const Json& port) {
  const auto megabits = number(port, "speed_mbps");
  if (megabits == 0) return "-";
  const auto rate = records::rate_text(static_cast<std::uint64_t>(megabits));
  return field(port, "duplex") == "half" ? rate + " half" : rate;
}

// Who is at the other end of the cable: "sw-4b-1 Gi1/0/24 (lldp)".
std::string neighbours_of(const Json& port) {
  std::string text;
  for (const auto& each : port.value("neighbours", Json::array()))
    text += fmt::format("{}{} {} ({})", text.empty() ? "" : ", ", field(each, "name"), field(each, "port"),
                        field(each, "protocol"));
  return text.empty() ? "-" : text;
}

void print_ports(const Context& context, const Json& status) {
  Table table({"PORT", "BUNDLE", "SIDE", "LINK", "SPEED", "DRIVER", "RX FRAMES", "TX FRAMES", "MISSED", "NOT SENT",
               "ERRORS", "NEIGHBOUR"});
  for (const auto& port : status.value("ports", Json::array())) {
    const auto link = field(port, "link");
    table.add({{field(port, "spec")},
               {field(port, "bundle") + "/" + field(port, "pair")},
               {field(port, "side")},
               {link, link == "up" ? Colour::kGood : Colour::kBad},
               {speed_of(port)},
               {field(port, "driver")},
               {field(port, "rx_frames")},
               {field(port, "tx_frames")},
               {field(port, "missed")},
               {field(port, "not_sent")},
               {field(port, "errors")},
               {neighbours_of(port)}});
  }
  if (!table.empty()) fmt::print("\n{}", table.text(context.terminal));
}

void print_devices(const Context& context, const Json& status) {
  Table table({"DEVICES", "CLASS"});
  const auto classes = status.value("classes", Json::object());
  for (const auto& [name, count] : classes.items())
    table.add({{count.dump()}, {name, name == "unidentified" ? Colour::kNotice : Colour::kNone}});
  fmt::print("\n{}", table.empty() ? "No device was seen yet.\n" : table.text(context.terminal));
  if (number(status, "quarantined") != 0)
    fmt::print("{}\n", coloured(field(status, "quarantined") + " quarantined", Colour::kBad, context.terminal));
  for (const auto& breaker : status.value("breakers_open", Json::array()))
    fmt::print("{}\n", coloured("Automatic quarantine is paused: " + breaker.get<std::string>(), Colour::kNotice,
                                context.terminal));
}

void print_memory(const Context& context, const Json& status) {
  Table table({"MEMORY OF A WORKER", "COUNT", "MIB WHEN IN USE"});
  std::uint64_t sum = 0;
  for (const auto& term : status.value("memory_of_a_worker", Json::array())) {
    sum += number(term, "bytes");
    table.add({{field(term, "name")},
               {field(term, "count")},
               {fmt::format("{:.1f}", static_cast<double>(number(term, "bytes")) / (1 << 20))}});
  }
  if (table.empty()) return;
  table.add({{"all"}, {""}, {fmt::format("{:.1f}", static_cast<double>(sum) / (1 << 20))}});
  fmt::print("\n{}", table.text(context.terminal));
}

void print_counters(const Context& context, const Json& status) {
  const auto counters = status.value("counters", Json::object());
  const auto drops = counters.value("dropped", Json::object());
  std::uint64_t dropped = 0;
  for (const auto& [reason, count] : drops.items()) dropped += number(drops, reason.c_str());
  const auto came = number(counters, "received") + number(counters, "created");
  const auto went = number(counters, "forwarded") + dropped + number(counters, "held");
  fmt::print("\npackets   {} received + {} created = {} forwarded + {} dropped + {} held", number(counters, "received"),
             number(counters, "created"), number(counters, "forwarded"), dropped, number(counters, "held"));
  // The counters of running workers are read one after the other, so a few frames may lie between two of them.
  fmt::print("{}\n", came == went ? "" : fmt::format(" ({} on their way)", came > went ? came - went : went - came));
  for (const auto& [reason, count] : drops.items()) fmt::print("  dropped {:<24} {}\n", reason, count.dump());
  const auto failures = counters.value("failures", Json::object());
  for (const auto& [cause, count] : failures.items()) fmt::print("  met     {:<24} {}\n", cause, count.dump());
  for (const char* lost : {"observations_lost", "flow_records_lost", "violations_lost"})
    if (number(counters, lost) != 0)
      fmt::print("  {}\n",
                 coloured(fmt::format("{:<32} {}", lost, number(counters, lost)), Colour::kNotice, context.terminal));
}

void print_outputs(const Context& context, const Json& status) {
  std::string made;
  const auto records = status.value("records", Json::object());
  for (const auto& [type, count] : records.items())
    made += fmt::format("{}{} {}", made.empty() ? "" : ", ", count.dump(), type);
  fmt::print("\nrecords   {}\n", made.empty() ? "none yet" : made);
  std::string open;
  const auto findings = status.value("findings", Json::object()).value("open", Json::object());
  for (const auto& [severity, count] : findings.items())
    open += fmt::format("{}{} {}", open.empty() ? "" : ", ", count.dump(), severity);
  fmt::print("findings  {}\n", open.empty() ? "none open" : open + ": `wardline finding list`");
  const auto alerts = status.value("alerts", Json::object());
  fmt::print("alerts    {} sent, {} lost, {} withheld\n", number(alerts, "sent"), number(alerts, "lost"),
             number(alerts, "withheld"));
  const auto store = status.value("store", Json::object());
  fmt::print("store     {}", field(store, "path"));
  if (number(store, "failures") != 0)
    fmt::print(", {}", coloured(fmt::format("{} failures, {} records lost, the last: {}", number(store, "failures"),
                                            number(store, "lost"), field(store, "last_error")),
                                Colour::kBad, context.terminal));
  fmt::print("\n");
  const auto vendors = status.value("vendors", Json());
  fmt::print("vendors   {}\n",
             vendors.is_object()
                 ? fmt::format("{} prefixes, of {}", number(vendors, "prefixes"), field(vendors, "date").substr(0, 10))
                 : coloured("not known: no device has a maker by its MAC; install ieee-data", Colour::kNotice,
                            context.terminal));
}

}  // namespace

ExitCode status(const Context& context) {
  const auto answer = ask(context, {{"op", "status"}});
  if (!answer) return answer.error();
  const auto status = answer->value("status", Json::object());
  if (context.json) {
    print_line(status);
    return kFine;
  }
  fmt::print("appliance {}, {} UTC, {} worker{}\n", field(status, "appliance"), short_time(status, "time"),
             field(status, "workers"), number(status, "workers") == 1 ? "" : "s");
  print_policy(context, status);
  print_ports(context, status);
  print_devices(context, status);
  print_memory(context, status);
  print_counters(context, status);
  print_outputs(context, status);
  return kFine;
}

}  // namespace wardline::cli
