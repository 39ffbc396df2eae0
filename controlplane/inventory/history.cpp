#include "controlplane/inventory/history.h"

#include <set>

#include "controlplane/inventory/address_text.h"

namespace wardline::inventory {
namespace {

struct Column {
  const char* attribute;
  std::string Device::*field;
};
constexpr Column kColumns[] = {
    {"class", &Device::device_class},    {"vendor", &Device::vendor},
    {"model", &Device::model},           {"os", &Device::os},
    {"firmware", &Device::firmware},     {"serial", &Device::serial},
    {"hostname", &Device::hostname},     {"ward", &Device::ward},
    {"switch", &Device::switch_name},    {"port", &Device::switch_port},
    {"quarantine", &Device::quarantine},
};

std::string addresses_of(const Device& device) {
  std::set<std::string> sorted;
  for (const auto& interface : device.interfaces)
    for (const auto& ip : interface.ips) sorted.insert(text_of(ip));
  std::string text;
  for (const auto& ip : sorted) text += (text.empty() ? "" : " ") + ip;
  return text;
}

}  // namespace

std::vector<Change> changes_between(const Device& before, const Device& after) {
  std::vector<Change> changes;
  const auto compare = [&](const char* attribute, const std::string& former, const std::string& now) {
    if (former != now) changes.push_back({after.id, {}, attribute, former, now});
  };
  for (const auto& column : kColumns) compare(column.attribute, before.*column.field, after.*column.field);
  compare("registered", before.registered ? "yes" : "no", after.registered ? "yes" : "no");
  compare("ips", addresses_of(before), addresses_of(after));
  return changes;
}

}  // namespace wardline::inventory
