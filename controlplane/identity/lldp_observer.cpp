#include <algorithm>
#include <array>

#include "controlplane/identity/observers.h"
#include "controlplane/inventory/address_text.h"
#include "dataplane/packet/cursor.h"

namespace wardline::identity {
namespace {

// TLV types (IEEE 802.1AB, 8.4) and LLDP-MED subtypes (ANSI/TIA-1057, 10.2).
constexpr std::uint8_t kEnd = 0, kChassis = 1, kPortDescription = 4, kSystemName = 5, kSystemDescription = 6,
                       kCapabilities = 7, kManagementAddress = 8, kOrganisation = 127;
constexpr std::uint32_t kMedPrefix = 0x0012bb;
constexpr std::uint32_t kMudUrl = 0x00005e01;  // IANA's prefix, subtype 1 (RFC 8520, 11)
constexpr int kMaxTlvs = 128;

struct Name {
  std::uint8_t kind;
  std::string_view attribute;
};
constexpr Name kPlain[] = {
    {kPortDescription, "lldp.port"}, {kSystemName, "lldp.name"}, {kSystemDescription, "lldp.description"}};
constexpr Name kMed[] = {
    {6, "lldp.firmware"}, {7, "lldp.software"}, {8, "lldp.serial"}, {9, "lldp.vendor"}, {10, "lldp.model"}};

void tell_named(std::span<const Name> names, std::uint8_t kind, Bytes value, Observations& out) {
  const auto known = std::ranges::find(names, kind, &Name::kind);
  if (known != names.end()) tell(out, "lldp", known->attribute, as_text(value));
}

std::string text_of(std::uint8_t family, Bytes address) {
  constexpr std::uint8_t kIpv4 = 1, kIpv6 = 2;  // IANA's address family numbers
  packet::Cursor in(address);
  if (family == kIpv4 && address.size() == 4) return inventory::text_of(Address::v4(in.u32()));
  if (family != kIpv6 || address.size() != 16) return as_hex(address);
  Address v6;
  in.take<16>().copy<0, 16>(v6.bytes.data());
  return inventory::text_of(v6);
}

// IEEE 802.1AB, 8.5.2: what kind of name, and the name.
void tell_chassis(Bytes value, Observations& out) {
  constexpr std::uint8_t kMacAddress = 4, kNetworkAddress = 5;
  packet::Cursor in(value);
  const auto kind = in.u8();
  auto id = std::string(as_text(in.rest()));
  if (kind == kMacAddress) id = as_hex(in.rest());
  if (kind == kNetworkAddress && in.left() > 0) {
    const auto family = in.u8();
    id = text_of(family, in.rest());
  }
  tell(out, "lldp", "lldp.chassis_id", id);
}

// IEEE 802.1AB, 8.5.8: what the system could be, then what of that is in use.
void tell_capabilities(Bytes value, Observations& out) {
  constexpr std::array<std::string_view, 8> kWords{"other",  "repeater",  "bridge", "access-point",
                                                   "router", "telephone", "cable",  "station"};
  packet::Cursor in(value);
  in.skip(2);
  const auto enabled = in.u16();
  std::string words;
  for (std::size_t bit = 0; bit < kWords.size(); ++bit)
    if (enabled >> bit & 1) add_word(words, kWords[bit]);
  tell(out, "lldp", "lldp.capabilities", words);
}

// IEEE 802.1AB, 8.5.9. The length counts the family's byte, too.
void tell_management_address(Bytes value, Observations& out) {
  packet::Cursor in(value);
  const auto length = in.u8();
  const auto family = in.u8();
  const auto address = in.take(length > 0 ? length - 1U : 0U);
  if (!in.failed()) tell(out, "lldp", "lldp.management_address", text_of(family, address));
}

void tell_organisation(Bytes value, Observations& out) {
  packet::Cursor in(value);
  const auto prefix_and_subtype = in.u32();
  if (in.failed()) return;
  if (prefix_and_subtype >> 8 == kMedPrefix)
    tell_named(kMed, static_cast<std::uint8_t>(prefix_and_subtype), in.rest(), out);
  if (prefix_and_subtype == kMudUrl) tell(out, "lldp", "lldp.mud_url", as_text(in.rest()));
}

void tell_field(std::uint8_t type, Bytes value, Observations& out) {
  switch (type) {
    case kChassis:
      return tell_chassis(value, out);
    case kCapabilities:
      return tell_capabilities(value, out);
    case kManagementAddress:
      return tell_management_address(value, out);
    case kOrganisation:
      return tell_organisation(value, out);
    default:
      return tell_named(kPlain, type, value, out);
  }
}

}  // namespace

void observe_lldp(Bytes payload, Observations& out) {
  packet::Cursor in(payload);
  for (int i = 0; i < kMaxTlvs && in.left() >= 2; ++i) {
    const auto head = in.u16();  // 7 bits of type, 9 of length
    const auto type = static_cast<std::uint8_t>(head >> 9);
    const auto value = in.take(head & 0x1ff);
    if (in.failed() || type == kEnd) return;
    tell_field(type, value, out);
  }
}

}  // namespace wardline::identity
