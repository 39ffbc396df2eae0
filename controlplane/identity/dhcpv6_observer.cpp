#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "controlplane/identity/dns_message.h"

namespace wardline::identity {
namespace {

// RFC 8415, 7.3 and 21; names: RFC 4704; MUD: RFC 8520, 10.
enum Option : std::uint16_t {
  kClientId = 1,
  kOptionRequest = 6,
  kRelayMessage = 9,
  kVendorClass = 16,
  kClientName = 39,
  kMudUrl = 112
};
constexpr std::uint8_t kRelayForward = 12;
// Solicit, request, confirm, renew, rebind, information-request. Release and decline say what is given back.
constexpr std::array<std::uint8_t, 6> kAsks{1, 3, 4, 5, 6, 11};
constexpr int kMaxOptions = 128;

struct Field {
  std::uint16_t option;
  Bytes value;
};

// The next option that is there whole; nullopt at the end of them.
std::optional<Field> next_field(packet::Cursor& in) {
  const auto option = in.u16();
  const auto value = in.take(in.u16());
  return in.failed() ? std::nullopt : std::optional(Field{option, value});
}

// RFC 8415, 11.2 and 11.4: the address within a DUID of the kinds LLT and LL.
std::optional<Mac> mac_of(Bytes duid) {
  constexpr std::uint16_t kWithTime = 1, kWithoutTime = 3, kEthernet = 1;
  packet::Cursor in(duid);
  const auto kind = in.u16(), hardware = in.u16();
  if (kind == kWithTime) in.skip(4);
  const auto address = in.take<6>();
  if (in.failed() || in.left() > 0 || (kind != kWithTime && kind != kWithoutTime) || hardware != kEthernet)
    return std::nullopt;
  Mac mac;
  address.copy<0, 6>(mac.bytes.data());
  return mac.group() || mac.zero() ? std::nullopt : std::optional(mac);
}

// An enterprise's number, then its classes, each with a length (RFC 8415, 21.16).
void tell_vendor_classes(Bytes value, Observations& out) {
  packet::Cursor in(value);
  in.skip(4);
  while (in.left() > 0) {
    const auto text = in.take(in.u16());
    if (!in.failed()) tell(out, "dhcpv6", "dhcpv6.vendor_class", as_text(text));
  }
}

std::string as_list(Bytes options) {
  std::string list;
  packet::Cursor in(options);
  while (in.left() >= 2) add_word(list, fmt::to_string(in.u16()));
  return list;
}

void tell_option(const Field& field, Observations& out) {
  switch (field.option) {
    case kClientId:
      return tell(out, "dhcpv6", "dhcpv6.duid", as_hex(field.value));
    case kOptionRequest:
      return tell(out, "dhcpv6", "dhcpv6.params", as_list(field.value));
    case kVendorClass:
      return tell_vendor_classes(field.value, out);
    case kClientName:
      if (!field.value.empty()) tell(out, "dhcpv6", "dhcpv6.hostname", domain_text(field.value.subspan(1)));
      return;
    case kMudUrl:
      return tell(out, "dhcpv6", "dhcpv6.mud_url", as_text(field.value));
    default:
      return;
  }
}

// `relayed`: the frame's sender is not who speaks. Then the DUID alone can tell whom it is about, and without an
// address in it nothing is told. Who speaks for itself is known by its frame: its DUID may keep the address of a card
// that it once had (RFC 8415, 11).
void tell_client(Bytes message, bool relayed, Observations& out) {
  packet::Cursor in(message);
  const auto type = in.u8();
  in.skip(3);  // of the transaction
  if (in.failed() || std::ranges::count(kAsks, type) == 0) return;
  Observations told;
  std::optional<Mac> client;
  for (int i = 0; i < kMaxOptions; ++i) {
    const auto field = next_field(in);
    if (!field) break;
    tell_option(*field, told);
    if (relayed && field->option == kClientId) client = mac_of(field->value);
  }
  if (relayed && !client) return;
  for (auto& observation : told) {
    observation.about = client;
    out.push_back(std::move(observation));
  }
}

}  // namespace

void observe_dhcpv6(Bytes payload, const Speech&, Observations& out) {
  if (payload.empty() || std::to_integer<std::uint8_t>(payload[0]) != kRelayForward)
    return tell_client(payload, false, out);
  packet::Cursor in(payload);
  in.skip(34);  // type, hops, link address, peer address (RFC 8415, 9)
  for (int i = 0; i < kMaxOptions; ++i) {
    const auto field = next_field(in);
    if (!field) return;
    // A relay's message that was relayed before is not looked into.
    if (field->option == kRelayMessage) return tell_client(field->value, true, out);
  }
}

}  // namespace wardline::identity
