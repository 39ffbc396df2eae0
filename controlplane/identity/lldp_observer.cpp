#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "controlplane/identity/observers.h"
#include "controlplane/inventory/address_text.h"
#include "dataplane/packet/cursor.h"

namespace wardline::identity {
namespace {

// TLV types (IEEE 802.1AB, 8.4) and LLDP-MED subtypes (ANSI/TIA-1057, 10.2).
constexpr std::uint8_t kEnd = 0, kChassis = 1, kPort = 2, kPortDescription = 4, kSystemName = 5, kSystemDescription = 6,
                       kCapabilities = 7, kManagementAddress = 8, kOrganisation = 127;
constexpr std::uint32_t kMedPrefix = 0x0012bb;
constexpr std::uint32_t kMudUrl = 0x00005e01;    // IANA's prefix, subtype 1 (RFC 8520, 11)
constexpr std::uint32_t kPortVlan = 0x0080c201;  // IEEE 802.1Q, D.2.1
constexpr std::uint32_t kPower = 0x00120f02;     // power via MDI, IEEE 802.3, 79.3.2
constexpr std::uint32_t kMedPower = 0x0012bb04;  // extended power via MDI, ANSI/TIA-1057, 10.2.5
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

// Which kinds of name are no text.
struct Kinds {
  std::uint8_t mac, network_address;
};
constexpr Kinds kOfChassis{4, 5}, kOfPort{3, 4};  // IEEE 802.1AB, 8.5.2 and 8.5.3

// What kind of name, and the name.
void tell_id(std::string_view attribute, const Kinds& kinds, Bytes value, Observations& out) {
  packet::Cursor in(value);
  const auto kind = in.u8();
  auto id = std::string(as_text(in.rest()));
  if (kind == kinds.mac) id = as_hex(in.rest());
  if (kind == kinds.network_address && in.left() > 0) {
    const auto family = in.u8();
    id = text_of(family, in.rest());
  }
  tell(out, "lldp", attribute, id);
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

// The class of a powered device. Classes above 4 stand in the power status that IEEE 802.3bt added.
void tell_power_class(Bytes value, Observations& out) {
  constexpr std::uint8_t kSupplies = 0x01, kClassFourOrMore = 5, kMostClass = 8;
  constexpr std::size_t kBeforeStatus = 13;  // what 802.3at and 802.3bt say of watts
  packet::Cursor in(value);
  const auto support = in.u8();
  in.skip(1);  // the pairs of wires
  const unsigned class_and_one = in.u8();
  if (in.failed() || (support & kSupplies) != 0 || class_and_one == 0 || class_and_one > kClassFourOrMore) return;
  in.skip(kBeforeStatus);
  const unsigned status = in.u16() & 0xfU;
  const bool extended = !in.failed() && class_and_one == kClassFourOrMore && status > 4 && status <= kMostClass;
  tell(out, "lldp", "lldp.power_class", fmt::to_string(extended ? status : class_and_one - 1));
}

// The watts that a powered device asks for.
void tell_power(Bytes value, Observations& out) {
  constexpr unsigned kPowered = 1, kMostTenths = 1023;
  packet::Cursor in(value);
  const auto kind = in.u8() >> 6U;
  const unsigned tenths = in.u16();
  if (in.failed() || kind != kPowered || tenths == 0 || tenths > kMostTenths) return;
  tell(out, "lldp", "lldp.power", fmt::format("{}.{} W", tenths / 10, tenths % 10));
}

void tell_port_vlan(Bytes value, Observations& out) {
  packet::Cursor in(value);
  const auto vlan = in.u16();
  if (!in.failed() && vlan != 0) tell(out, "lldp", "lldp.vlan", fmt::to_string(vlan));
}

void tell_organisation(Bytes value, Observations& out) {
  packet::Cursor in(value);
  const auto prefix_and_subtype = in.u32();
  if (in.failed()) return;
  if (prefix_and_subtype == kPortVlan) return tell_port_vlan(in.rest(), out);
  if (prefix_and_subtype == kPower) return tell_power_class(in.rest(), out);
  if (prefix_and_subtype == kMedPower) return tell_power(in.rest(), out);
  if (prefix_and_subtype >> 8 == kMedPrefix)
    tell_named(kMed, static_cast<std::uint8_t>(prefix_and_subtype), in.rest(), out);
  if (prefix_and_subtype == kMudUrl) tell(out, "lldp", "lldp.mud_url", as_text(in.rest()));
}

void tell_field(std::uint8_t type, Bytes value, Observations& out) {
  switch (type) {
    case kChassis:
      return tell_id("lldp.chassis_id", kOfChassis, value, out);
    case kPort:
      return tell_id("lldp.port_id", kOfPort, value, out);
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
