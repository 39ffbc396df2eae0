// devices.yaml, the asset register.
#include <fmt/format.h>

#include <charconv>

#include "controlplane/policy/values.h"

namespace wardline::policy {
namespace {

void read_macs(const YamlValue& value, RegisterEntry& entry) {
  const auto list = value.as_list();
  for (std::size_t i = 0; list && i < list->size(); ++i)
    if (const auto mac = read_mac((*list)[i])) entry.macs.push_back(*mac);
}

void read_exceptions(const YamlValue& value, const std::string& device, RegisterDraft& into) {
  const auto list = value.as_list();
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    auto map = (*list)[i].as_map();
    if (!map) continue;
    ExceptionDraft exception{.device = device, .reason = "", .rule = read_rule(*map), .until = {}, .until_at = {}};
    exception.reason = map->require("reason").as_text().value_or("");
    const auto until = map->require("until");
    exception.until_at = until.at();
    const auto day = read_date(until);
    map->finish();
    if (!day) continue;
    exception.until = *day;
    into.exceptions.push_back(std::move(exception));
  }
}

void read_loaner(const YamlValue& value, RegisterEntry& entry) {
  auto map = value.as_map();
  if (!map) return;
  const auto from = map->require("from").as_text(128);
  const auto until = map->require("until");
  if (const auto day = read_date(until)) entry.loaner = Loaner{from.value_or(""), *day, until.at()};
  map->finish();
}

std::optional<std::uint16_t> port_of(const std::string& text) {
  unsigned port = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = fault == std::errc{} && end == text.data() + text.size() && text.front() != '0';
  return whole && port <= 65'535 ? std::optional(static_cast<std::uint16_t>(port)) : std::nullopt;
}

void read_behind(const YamlValue& value, RegisterEntry& entry) {
  auto map = value.as_map();
  if (!map) return;
  map->each([&](const std::string& key, const Location& key_at, const YamlValue& device) {
    const auto port = port_of(key);
    const auto name = device.as_name();
    if (!port)
      device.error("policy.behind", fmt::format("expected `PORT: id of the register` with a port of 1 to 65535, found "
                                                "'{}'",
                                                key));
    if (port && name) entry.behind.push_back({*port, *name, key_at});
  });
}

void read_device(YamlMap& map, RegisterDraft& into) {
  RegisterEntry entry;
  entry.at = map.at();
  const auto text = [&](std::string_view key) { return map.get(key).as_text(128).value_or(""); };
  const auto id = map.require("id");
  entry.id = id.as_name().value_or("");
  if (entry.id.size() > 39)  // SlotIdentity::device_id
    id.error("policy.name", fmt::format("the id '{}' has {} characters; at most 39", entry.id, entry.id.size()));
  entry.device_class = map.get("class").as_name().value_or("");
  const auto macs = map.get("macs");
  read_macs(macs, entry);
  entry.serial = text("serial");
  entry.dhcp_client_id = text("dhcp_client_id");
  entry.title = text("title");
  entry.owner = text("owner");
  entry.vendor = text("vendor");
  entry.model = text("model");
  entry.switch_name = text("switch");
  entry.switch_port = text("port");
  entry.ward = text("ward");
  entry.segment = map.get("segment").as_name().value_or("");
  const auto mode = map.get("mode");
  if (const auto word = mode.as_word({"inherit", "monitor", "enforce"})) {
    if (*word == 2) mode.error("policy.mode", "a device may only weaken to 'monitor'");
    if (*word == 1) entry.mode = "monitor";
  }
  read_loaner(map.get("loaner"), entry);
  read_behind(map.get("behind"), entry);
  read_exceptions(map.get("exceptions"), entry.id, into);
  map.finish();
  if (!macs && entry.serial.empty() && entry.dhcp_client_id.empty())
    id.error("policy.register",
             fmt::format("nothing tells '{}' from other devices: give 'macs', 'serial' or 'dhcp_client_id'", entry.id));
  into.devices.push_back(std::move(entry));
}

}  // namespace

void read_register(const YamlValue& root, RegisterDraft& into) {
  auto map = root.as_map();
  if (!map) return;
  if (const auto list = map->require("devices").as_list())
    for (std::size_t i = 0; i < list->size(); ++i)
      if (auto device = (*list)[i].as_map()) read_device(*device, into);
  map->finish();
}

}  // namespace wardline::policy
