#include "controlplane/daemon/config.h"

#include "controlplane/policy/yaml_reader.h"

namespace wardline::daemon {
namespace {

using policy::YamlList;
using policy::YamlMap;
using policy::YamlValue;

template <typename Number>
void take_number(YamlMap& map, const char* key, std::int64_t low, std::int64_t high, const char* what, Number& into) {
  if (const auto value = map.get(key)) {
    if (const auto number = value.as_number(low, high, what)) into = static_cast<Number>(*number);
  }
}

void take_text(YamlMap& map, const char* key, std::string& into) {
  if (const auto value = map.get(key)) {
    if (auto text = value.as_text()) into = std::move(*text);
  }
}

// Exactly one of `interface`, `pci` and `vdev` says what the leg is.
runtime::LegOptions read_leg(const YamlValue& value) {
  runtime::LegOptions leg;
  auto map = value.as_map();
  if (!map) return leg;
  int given = 0;
  for (const char* key : {"interface", "pci", "vdev"}) {
    const auto spec = map->get(key);
    if (!spec) continue;
    ++given;
    if (auto text = spec.as_text()) leg.spec = std::move(*text);
  }
  if (given != 1) value.error("config.leg", "a leg needs exactly one of `interface`, `pci` and `vdev`");
  if (const auto driver = map->get("driver")) {
    if (const auto word = driver.as_word({"auto", "af_xdp", "af_packet"}))
      leg.driver = static_cast<runtime::DriverChoice>(*word);
  }
  take_number(*map, "mtu", 68, 9216, "an MTU", leg.mtu);
  map->finish();
  return leg;
}

void read_pairs(const YamlValue& value, runtime::BundleOptions& bundle) {
  const auto list = value.as_list();
  if (!list) return;
  if (list->size() == 0) value.error("config.pairs", "a bundle needs at least one pair of legs");
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto map = (*list)[i].as_map();
    if (!map) continue;
    runtime::PairOptions pair;
    pair.name = bundle.name + "-" + std::to_string(i + 1);
    take_text(*map, "name", pair.name);
    if (const auto device = map->require("device")) pair.device = read_leg(device);
    if (const auto core = map->require("core")) pair.core = read_leg(core);
    map->finish();
    bundle.pairs.push_back(std::move(pair));
  }
}

void read_bundles(const YamlValue& value, Config& config) {
  const auto list = value.as_list();
  if (!list) return;
  if (list->size() == 0) value.error("config.bundles", "at least one bundle of ports is needed");
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto map = (*list)[i].as_map();
    if (!map) continue;
    runtime::BundleOptions bundle;
    bundle.name = "main";
    if (const auto name = map->get("name")) {
      if (auto text = name.as_name()) bundle.name = std::move(*text);
    }
    take_number(*map, "workers", 1, 64, "a number of workers", bundle.workers);
    if (const auto spread = map->get("spread")) {
      if (const auto word = spread.as_word({"auto", "software"}))
        bundle.spread = static_cast<runtime::SpreadChoice>(*word);
    }
    if (const auto pairs = map->require("pairs")) read_pairs(pairs, bundle);
    map->finish();
    config.ports.bundles.push_back(std::move(bundle));
  }
}

void read_alerts(const YamlValue& value, Config& config) {
  const auto list = value.as_list();
  if (!list) return;
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto map = (*list)[i].as_map();
    if (!map) continue;
    alerts::Target target;
    if (const auto host = map->require("host")) {
      if (auto text = host.as_text(255)) target.host = std::move(*text);
    }
    take_number(*map, "port", 1, 65535, "a port", target.port);
    if (const auto header = map->get("header")) {
      if (const auto word = header.as_word({"rfc5424", "rfc3164"}))
        target.header = static_cast<alerts::SyslogHeader>(*word);
    }
    map->finish();
    config.alerts.push_back(std::move(target));
  }
}

void read_ports(YamlMap& map, Config& config) {
  auto& ports = config.ports;
  if (const auto bundles = map.require("bundles")) read_bundles(bundles, config);
  if (const auto cores = map.get("cores")) {
    if (const auto list = cores.as_list()) {
      for (std::size_t i = 0; i < list->size(); ++i)
        if (const auto core = (*list)[i].as_number(0, 1023, "a core's number"))
          ports.cores.push_back(static_cast<unsigned>(*core));
    }
  }
  if (const auto drivers = map.get("drivers")) {
    if (const auto list = drivers.as_list()) {
      for (std::size_t i = 0; i < list->size(); ++i) {
        auto path = (*list)[i].as_text();
        if (!path) continue;
        if (path->starts_with('/'))
          ports.drivers.push_back(std::move(*path));
        else
          (*list)[i].error("config.drivers",
                           "a driver is given by its whole path, which begins with /, found " + *path);
      }
    }
  }
  if (const auto huge = map.get("huge_pages")) {
    if (const auto word = huge.as_word({"auto", "on", "off"}))
      ports.huge_pages = static_cast<runtime::HugePages>(*word);
  }
  if (const auto idle = map.get("idle")) {
    if (const auto word = idle.as_word({"auto", "spin", "sleep", "pause"}))
      ports.idle = static_cast<runtime::Idle>(*word);
  }
  take_number(map, "memory_mb", 64, 1 << 20, "megabytes", ports.memory_mb);
  if (const auto offload = map.get("offload")) {
    if (const auto word = offload.as_word({"off", "auto"})) config.offload = *word == 1;
  }
  if (const auto prefault = map.get("prefault")) config.prefault = prefault.as_bool().value_or(false);
}

void read_sizes(YamlMap& map, Config& config) {
  constexpr std::int64_t kMany = 64 << 20;
  take_number(map, "flows_v4", 1024, kMany, "a number of flows", config.flows_v4);
  take_number(map, "flows_v6", 1024, kMany, "a number of flows", config.flows_v6);
  take_number(map, "undecided_flows", 64, 4 << 20, "a number of flows", config.undecided_flows);
  take_number(map, "inspected_flows", 64, 4 << 20, "a number of flows", config.inspected_flows);
  take_number(map, "fragments", 64, 1 << 20, "a number of fragments", config.fragments);
  take_number(map, "watched_devices", 64, 1 << 20, "a number of devices", config.watched_devices);
  take_number(map, "devices", 64, 8 << 20, "a number of devices", config.devices);
}

void read_flow_report(const YamlValue& value, Config& config) {
  const auto period = value.as_duration();
  if (!period) return;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*period).count();
  if (seconds < 1 || seconds > 3600)
    value.error("config.flow-report", "how often a long flow is told is 1s to 1h, found " + value.raw());
  else
    config.flow_report_seconds = static_cast<std::uint32_t>(seconds);
}

void read_register_silent(const YamlValue& value, Config& config) {
  const auto silence = value.as_duration();
  if (!silence) return;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*silence);
  if (seconds < std::chrono::days(1) || seconds > std::chrono::days(366))
    value.error("config.register-silent", "a silence that is a finding is 1d to 366d, found " + value.raw());
  else
    config.register_silent = seconds;
}

void read_inventory(const YamlValue& value, Config& config) {
  auto map = value.as_map();
  if (!map) return;
  auto& kept = config.inventory;
  if (const auto retention = map->get("retention")) {
    const auto given = retention.as_duration();
    const auto days = given ? std::chrono::duration_cast<std::chrono::days>(*given) : kept.retention;
    if (days < std::chrono::days(1) || days > std::chrono::days(3660))
      retention.error("config.retention", "what the inventory remembers is 1d to 3660d, found " + retention.raw());
    else
      kept.retention = days;
  }
  take_number(*map, "conversations", 1000, 20'000'000, "a number of conversations", kept.conversations);
  take_number(*map, "records", 1000, 20'000'000, "a number of records", kept.records_per_type);
  map->finish();
}

}  // namespace

std::expected<Config, Errors> load_config(const std::string& path) {
  Errors errors;
  Config config;
  const auto document = policy::YamlDocument::load(path, path, errors);
  if (!document) return std::unexpected(std::move(errors));
  if (auto map = document->root().as_map()) {
    take_text(*map, "name", config.name);
    if (const auto policy = map->require("policy")) {
      if (auto text = policy.as_text()) config.policy = std::move(*text);
    }
    take_text(*map, "state", config.state);
    take_text(*map, "slots", config.slots);
    take_text(*map, "vendors", config.vendors);
    take_text(*map, "control_socket", config.control_socket);
    if (const auto report = map->get("flow_report")) read_flow_report(report, config);
    if (const auto silence = map->get("register_silent")) read_register_silent(silence, config);
    if (const auto reload = map->get("automatic_reload")) config.automatic_reload = reload.as_bool().value_or(false);
    read_ports(*map, config);
    read_sizes(*map, config);
    if (const auto inventory = map->get("inventory")) read_inventory(inventory, config);
    if (const auto alerts = map->get("alerts")) read_alerts(alerts, config);
    map->finish();
  }
  if (config.slots.empty()) config.slots = "/run/wardline/" + config.name + ".slots";
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return config;
}

}  // namespace wardline::daemon
