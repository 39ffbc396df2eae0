#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "controlplane/cli/pages.h"
#include "controlplane/cli/text.h"

namespace wardline::cli {
namespace {

constexpr std::size_t kIndent = 12;

// Between two readings of a counter; null where they do not follow each other.
class Rates {
 public:
  explicit Rates(double seconds) : seconds_(seconds) {}
  bool known() const { return seconds_ > 0; }
  Json of(const Json& before, const Json& now, const char* name, double factor = 1) const {
    const auto first = number(before, name), last = number(now, name);
    if (seconds_ <= 0 || last < first) return nullptr;
    return std::round(static_cast<double>(last - first) * factor / seconds_ * 10) / 10;
  }

 private:
  double seconds_;
};

void add_counters(Json& sample, const Json& before, const Json& now, const Rates& rates) {
  sample["packets_per_second"] = rates.of(before, now, "received");
  sample["bits_per_second"] = rates.of(before, now, "received_bytes", 8);
  sample["forwarded_per_second"] = rates.of(before, now, "forwarded");
  sample["new_flows_per_second"] = rates.of(before, now, "flows_created");
  sample["dropped_per_second"] = rates.known() ? Json::object() : Json(nullptr);
  const auto drops = object_in(now, "dropped"), former = object_in(before, "dropped");
  for (const auto& [reason, count] : drops.items())
    if (auto rate = rates.of(former, drops, reason.c_str()); rate.is_number() && rate > 0.0)
      sample["dropped_per_second"][reason] = std::move(rate);
}

void add_ports(Json& sample, const Json& before, const Json& now, const Rates& rates) {
  sample["ports"] = Json::array();
  const auto formers = list_in(before, "ports");
  for (const auto& port : list_in(now, "ports")) {
    const auto same = std::ranges::find_if(formers, [&](const Json& former) {
      return field(former, "spec") == field(port, "spec") && field(former, "pair") == field(port, "pair");
    });
    const auto former = same == formers.end() ? Json::object() : *same;
    Json row;
    for (const char* name : {"bundle", "pair", "side", "spec", "link"}) row[name] = field(port, name);
    row["rx_frames_per_second"] = rates.of(former, port, "rx_frames");
    row["tx_frames_per_second"] = rates.of(former, port, "tx_frames");
    row["rx_bits_per_second"] = rates.of(former, port, "rx_bytes", 8);
    row["tx_bits_per_second"] = rates.of(former, port, "tx_bytes", 8);
    row["missed_per_second"] = rates.of(former, port, "missed");
    row["errors_per_second"] = rates.of(former, port, "errors");
    sample["ports"].push_back(std::move(row));
  }
}

std::string rate(const Json& record, const char* name) {
  const auto found = record.find(name);
  return found != record.end() && found->is_number() ? amount(found->get<double>()) : "-";
}

// By the port itself, before a worker saw it.
std::string lost(const Json& port) {
  const auto missed = port.value("missed_per_second", Json()), errors = port.value("errors_per_second", Json());
  return missed.is_number() && errors.is_number() ? amount(missed.get<double>() + errors.get<double>()) : "-";
}

std::string counted(const Json& counts) {
  std::string text;
  for (const auto& [name, count] : counts.items())
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name,
                        count.is_number_float() ? amount(count.get<double>()) : count.dump());
  return text.empty() ? "none" : text;
}

// The gravest first.
std::string open_findings(const Json& findings) {
  std::string text;
  for (const char* severity : {"critical", "high", "medium", "low", "info"})
    if (number(findings, severity) != 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", number(findings, severity), severity);
  return text.empty() ? "none open" : text + ": `wardline finding list`";
}

bool drops_known(const Json& sample) {
  return sample.value("dropped_per_second", Json()).is_object();
}

std::string traffic_of(const Json& sample) {
  double dropped = 0;
  for (const auto& item : object_in(sample, "dropped_per_second")) dropped += item.get<double>();
  return fmt::format("{} received, {} forwarded, {} dropped; {} bits/s, {} new flows/s",
                     rate(sample, "packets_per_second"), rate(sample, "forwarded_per_second"),
                     drops_known(sample) ? amount(dropped) : "-", rate(sample, "bits_per_second"),
                     rate(sample, "new_flows_per_second"));
}

std::string ports_of(const Json& sample, const Terminal& terminal) {
  Table table({"PORT", "BUNDLE", "SIDE", "LINK", "RX/S", "TX/S", "RX BITS/S", "TX BITS/S", "LOST/S"});
  for (const auto& port : list_in(sample, "ports")) {
    const auto link = field(port, "link");
    table.add({{field(port, "spec")},
               {field(port, "bundle")},
               {field(port, "side")},
               {link, link == "up" ? Colour::kGood : Colour::kBad},
               {rate(port, "rx_frames_per_second")},
               {rate(port, "tx_frames_per_second")},
               {rate(port, "rx_bits_per_second")},
               {rate(port, "tx_bits_per_second")},
               {lost(port)}});
  }
  return table.empty() ? "" : "\n" + table.text(terminal);
}

std::string busiest(const Json& lately, const char* what, const char* heading, const Terminal& terminal) {
  const auto since = short_time(lately, "since");
  Table table({heading, "SINCE " + (since.size() == 19 ? since.substr(11) : since), "CLASS", "NAME"});
  for (const auto& device : list_in(lately, what))
    table.add({{field(device, "count")},
               {field(device, "device_id")},
               {field(device, "class")},
               {field(device, "hostname")}});
  return table.empty() ? "" : "\n" + table.text(terminal);
}

}  // namespace

Json top_sample(const Json& before, const Json& now, double seconds) {
  const Rates rates(field(before, "started") == field(now, "started") ? seconds : 0);
  Json sample;
  for (const char* name : {"time", "appliance", "started", "policy"}) sample[name] = now.value(name, Json());
  sample["seconds"] = std::round(seconds * 10) / 10;
  add_counters(sample, object_in(before, "counters"), object_in(now, "counters"), rates);
  add_ports(sample, before, now, rates);
  for (const char* name : {"devices", "classes", "quarantined", "lately"}) sample[name] = now.value(name, Json());
  sample["findings"] = object_in(object_in(now, "findings"), "open");
  return sample;
}

std::string top_page(const Json& sample, const Terminal& given) {
  const auto terminal = paged(given);
  std::string text;
  const auto put = [&](std::string_view name, const std::string& value, Colour colour = Colour::kNone) {
    text += labelled(name, value, kIndent, terminal, colour);
  };
  const auto policy = object_in(sample, "policy"), drops = object_in(sample, "dropped_per_second");
  put("wardline", fmt::format("{}, {} UTC, over {} s", field(sample, "appliance"), short_time(sample, "time"),
                              rate(sample, "seconds")));
  if (policy.empty())
    put("policy", "none is in force: everything passes", Colour::kBad);
  else
    put("policy", fmt::format("{} of {}", field(policy, "policy_hash").substr(0, 12), field(policy, "site")));
  put("packets/s", traffic_of(sample));
  put("drops/s", drops_known(sample) ? counted(drops) : "-", drops.empty() ? Colour::kNone : Colour::kBad);
  put("devices", fmt::format("{}: {}", field(sample, "devices"), counted(object_in(sample, "classes"))));
  const auto quarantined = number(sample, "quarantined");
  put("quarantined", std::to_string(quarantined), quarantined == 0 ? Colour::kNone : Colour::kBad);
  put("findings", open_findings(object_in(sample, "findings")));
  const auto lately = object_in(sample, "lately");
  return text + ports_of(sample, terminal) + busiest(lately, "violations", "VIOLATIONS", terminal) +
         busiest(lately, "flows", "FLOWS", terminal);
}

}  // namespace wardline::cli
