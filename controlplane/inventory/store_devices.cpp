#include <fmt/format.h>

#include <cstdlib>
#include <sstream>

#include "controlplane/inventory/address_text.h"
#include "controlplane/inventory/store_impl.h"

namespace wardline::inventory {
namespace {

// As read_device() reads them.
constexpr const char* kColumns =
    "id, class, class_reason, former_class, pinned_class, confidence, runners_up, vendor, model, os, firmware, serial, "
    "hostname, owner, ward, switch, port, mode, quarantine, registered, first_seen, last_seen";

std::string joined(const std::vector<Address>& ips) {
  std::string text;
  for (const auto& ip : ips) text += (text.empty() ? "" : " ") + text_of(ip);
  return text;
}

std::vector<Address> split_addresses(const std::string& text) {
  std::vector<Address> ips;
  std::istringstream words(text);
  for (std::string word; words >> word;)
    if (const auto ip = parse_address(word)) ips.push_back(*ip);
  return ips;
}

// "infusion-pump=30 workstation=20"; class names hold neither blanks nor "=".
std::string joined(const std::vector<std::pair<std::string, int>>& runners_up) {
  std::string text;
  for (const auto& [name, score] : runners_up) text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, score);
  return text;
}

std::vector<std::pair<std::string, int>> split_runners_up(const std::string& text) {
  std::vector<std::pair<std::string, int>> runners_up;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    if (equals == std::string::npos) continue;
    runners_up.emplace_back(word.substr(0, equals), std::atoi(word.c_str() + equals + 1));
  }
  return runners_up;
}

Device read_device(Statement& row) {
  Device device;
  device.id = row.text();
  device.device_class = row.text();
  device.class_reason = row.text();
  device.former_class = row.text();
  device.pinned_class = row.text();
  device.confidence = static_cast<int>(row.number());
  device.runners_up = split_runners_up(row.text());
  for (auto* text :
       {&device.vendor, &device.model, &device.os, &device.firmware, &device.serial, &device.hostname, &device.owner,
        &device.ward, &device.switch_name, &device.switch_port, &device.mode, &device.quarantine})
    *text = row.text();
  device.registered = row.number() != 0;
  device.first_seen = wall_time(row.number());
  device.last_seen = wall_time(row.number());
  return device;
}

}  // namespace

Result<void> Store::Impl::write_device(const Device& device) {
  static const std::string kInsert =
      fmt::format("INSERT INTO device({}) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", kColumns);
  auto insert = statement(kInsert);
  if (!insert) return std::unexpected(insert.error());
  auto& row = **insert;
  row.bind(device.id).bind(device.device_class).bind(device.class_reason).bind(device.former_class);
  row.bind(device.pinned_class).bind(std::int64_t{device.confidence}).bind(joined(device.runners_up));
  for (const auto* text :
       {&device.vendor, &device.model, &device.os, &device.firmware, &device.serial, &device.hostname, &device.owner,
        &device.ward, &device.switch_name, &device.switch_port, &device.mode, &device.quarantine})
    row.bind(*text);
  row.bind(std::int64_t{device.registered}).bind(microseconds(device.first_seen)).bind(microseconds(device.last_seen));
  return row.run();
}

Result<void> Store::Impl::write_interfaces(const Device& device) {
  auto insert = statement("INSERT INTO interface(device_id, number, mac, segment, ips) VALUES(?,?,?,?,?)");
  if (!insert) return std::unexpected(insert.error());
  std::int64_t number = 0;
  for (const auto& interface : device.interfaces) {
    auto& row = **insert;
    row.bind(device.id).bind(number++).bind(text_of(interface.mac)).bind(interface.segment).bind(joined(interface.ips));
    if (auto written = row.run(); !written) return written;
  }
  return {};
}

Result<void> Store::Impl::write_evidence(const Device& device) {
  auto insert = statement(
      "INSERT INTO evidence(device_id, number, source, attribute, value, weight, evidence_group, first_seen, "
      "last_seen) "
      "VALUES(?,?,?,?,?,?,?,?,?)");
  if (!insert) return std::unexpected(insert.error());
  std::int64_t number = 0;
  for (const auto& evidence : device.evidence) {
    auto& row = **insert;
    row.bind(device.id).bind(number++).bind(evidence.source).bind(evidence.attribute).bind(evidence.value);
    row.bind(std::int64_t{evidence.weight}).bind(static_cast<std::int64_t>(evidence.group));
    row.bind(microseconds(evidence.first_seen)).bind(microseconds(evidence.last_seen));
    if (auto written = row.run(); !written) return written;
  }
  return {};
}

Result<void> Store::Impl::delete_device(const std::string& id) {
  auto remove = statement("DELETE FROM device WHERE id=?");  // interfaces and evidence go with it
  if (!remove) return std::unexpected(remove.error());
  return (*remove)->bind(id).run();
}

// What is compared with a device that is saved: its row, and the addresses of its interfaces.
Result<std::optional<Device>> Store::Impl::stored_device(const std::string& id) {
  static const std::string kSelect = fmt::format("SELECT {} FROM device WHERE id=?", kColumns);
  auto select = statement(kSelect);
  if (!select) return std::unexpected(select.error());
  std::optional<Device> device;
  (*select)->bind(id);
  if (auto read = for_each_row(**select, [&](Statement& row) { device = read_device(row); }); !read)
    return std::unexpected(read.error());
  if (!device) return device;
  auto interfaces = statement("SELECT ips FROM interface WHERE device_id=?");
  if (!interfaces) return std::unexpected(interfaces.error());
  (*interfaces)->bind(id);
  auto read = for_each_row(**interfaces, [&](Statement& row) {
    device->interfaces.push_back({.mac = {}, .segment = {}, .ips = split_addresses(row.text())});
  });
  if (!read) return std::unexpected(read.error());
  return device;
}

Result<void> Store::save_device(const Device& device, std::optional<WallTime> changed) {
  const std::lock_guard lock(impl_->mutex);
  const auto former = impl_->stored_device(device.id);
  if (!former) return std::unexpected(former.error());
  const auto changes = *former ? changes_between(**former, device) : std::vector<Change>{};
  // A savepoint is a transaction by itself, or a part of the batch that can be undone alone.
  auto done = impl_->database.execute("SAVEPOINT device");
  if (!done) return done;
  done = impl_->delete_device(device.id);
  if (done) done = impl_->write_device(device);
  if (done) done = impl_->write_interfaces(device);
  if (done) done = impl_->write_evidence(device);
  if (done) done = impl_->write_changes(changes, changed.value_or(device.last_seen));
  if (!done) static_cast<void>(impl_->database.execute("ROLLBACK TO device"));
  auto released = impl_->database.execute("RELEASE device");
  return done ? released : done;
}

Result<void> Store::remove_device(const std::string& id) {
  const std::lock_guard lock(impl_->mutex);
  auto done = impl_->delete_device(id);
  if (done) done = impl_->forget_history(id);
  return done ? impl_->forget_conversations(id) : done;
}

Result<void> Store::Impl::read_interfaces(std::map<std::string, Device>& devices) {
  auto select = statement("SELECT device_id, mac, segment, ips FROM interface ORDER BY device_id, number");
  if (!select) return std::unexpected(select.error());
  return for_each_row(**select, [&](Statement& row) {
    const auto owner = devices.find(row.text());
    const auto mac = parse_mac(row.text());
    if (owner == devices.end() || !mac) return;
    Interface interface {
      .mac = *mac, .segment = row.text(), .ips = {}
    };
    interface.ips = split_addresses(row.text());
    owner->second.interfaces.push_back(std::move(interface));
  });
}

Result<void> Store::Impl::read_evidence(std::map<std::string, Device>& devices) {
  auto select = statement(
      "SELECT device_id, source, attribute, value, weight, evidence_group, first_seen, last_seen FROM evidence "
      "ORDER BY device_id, number");
  if (!select) return std::unexpected(select.error());
  return for_each_row(**select, [&](Statement& row) {
    const auto owner = devices.find(row.text());
    if (owner == devices.end()) return;
    Evidence evidence;
    evidence.source = row.text();
    evidence.attribute = row.text();
    evidence.value = row.text();
    evidence.weight = static_cast<int>(row.number());
    evidence.group = static_cast<policy::EvidenceGroup>(row.number() & 3);
    evidence.first_seen = wall_time(row.number());
    evidence.last_seen = wall_time(row.number());
    owner->second.evidence.push_back(std::move(evidence));
  });
}

Result<std::vector<Device>> Store::load_devices() {
  const std::lock_guard lock(impl_->mutex);
  auto select = impl_->statement(fmt::format("SELECT {} FROM device", kColumns));
  if (!select) return std::unexpected(select.error());
  std::map<std::string, Device> devices;
  auto read = for_each_row(**select, [&](Statement& row) {
    Device device = read_device(row);
    const auto id = device.id;
    devices.emplace(id, std::move(device));
  });
  if (read) read = impl_->read_interfaces(devices);
  if (read) read = impl_->read_evidence(devices);
  if (!read) return std::unexpected(read.error());
  std::vector<Device> list;
  list.reserve(devices.size());
  for (auto& [id, device] : devices) list.push_back(std::move(device));
  return list;
}

}  // namespace wardline::inventory
