// One answer where several sources speak: the inventory's columns.
#include <algorithm>

#include "controlplane/identity/identity.h"
#include "controlplane/inventory/text.h"

namespace wardline::identity {
namespace {

using inventory::Device;
using inventory::Evidence;

// What a column is taken from: a person's word, then what the device's own programs say of it, then what was concluded.
struct Column {
  std::string Device::*field;
  std::vector<std::string_view> attributes;  // the best first
};

const std::vector<Column>& columns() {
  static const std::vector<Column> kColumns{
      {&Device::vendor,
       {"register.vendor", "lldp.vendor", "dicom.vendor", "bacnet.vendor", "modbus.vendor", "enip.vendor",
        "poct1a.vendor", "wsd.vendor", "upnp.vendor", "mdns.vendor", "maker", "vendor"}},
      {&Device::model,
       {"register.model", "lldp.model", "cdp.model", "dicom.model", "bacnet.model", "modbus.model", "enip.model",
        "s7.model", "poct1a.model", "wsd.model", "upnp.model", "mdns.model", "product"}},
      {&Device::os, {"os", "netbios.os", "smb.os"}},
      {&Device::firmware,
       {"lldp.firmware", "bacnet.firmware", "modbus.firmware", "enip.firmware", "s7.firmware", "poct1a.firmware",
        "wsd.firmware", "mdns.firmware", "firmware", "cdp.software"}},
      {&Device::serial,
       {"lldp.serial", "dicom.serial", "bacnet.serial", "enip.serial", "s7.serial", "poct1a.serial", "wsd.serial",
        "upnp.serial", "mdns.serial", "serial"}},
      {&Device::hostname,
       {"dhcp.hostname", "lldp.name", "cdp.name", "netbios.name", "wsd.hostname", "mdns.hostname", "llmnr.hostname",
        "smb.hostname", "rdp.client_name", "snmp.name", "dhcpv6.hostname", "bacnet.name", "dicom.station"}},
  };
  return kColumns;
}

// Of one attribute the value seen last.
const Evidence* newest(const Device& device, std::string_view attribute) {
  const Evidence* found = nullptr;
  for (const auto& evidence : device.evidence)
    if (evidence.attribute == attribute && (found == nullptr || evidence.last_seen >= found->last_seen))
      found = &evidence;
  return found;
}

}  // namespace

void fill_columns(Device& device, const policy::Policy* policy) {
  for (const auto& column : columns()) {
    for (const auto attribute : column.attributes) {
      const auto* evidence = newest(device, attribute);
      if (evidence == nullptr) continue;
      const bool spelled = column.field == &Device::vendor && policy != nullptr && attribute != "register.vendor";
      device.*column.field = spelled ? maker_of(evidence->value, *policy) : evidence->value;
      break;
    }
  }
}

}  // namespace wardline::identity
