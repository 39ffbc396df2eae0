#include "controlplane/identity/relay_agent.h"

#include <fmt/format.h>

#include <algorithm>

#include "controlplane/inventory/text.h"
#include "dataplane/packet/cursor.h"

namespace wardline::identity {
namespace {

constexpr std::uint8_t kCircuitId = 1, kRemoteId = 2, kSubscriberId = 6;  // RFC 3046, 2.0; RFC 3993

struct SubOptions {
  Bytes circuit, remote, subscriber;
};

// Those before one that runs over the end; `whole` says whether there was none.
SubOptions read(Bytes option, bool& whole) {
  SubOptions found;
  packet::Cursor in(option);
  while (in.left() > 0) {
    const auto kind = in.u8();
    const auto value = in.take(in.u8());
    if (in.failed()) break;
    if (kind == kCircuitId) found.circuit = value;
    if (kind == kRemoteId) found.remote = value;
    if (kind == kSubscriberId) found.subscriber = value;
  }
  whole = !in.failed();
  return found;
}

std::string text_or_hex(Bytes value) {
  constexpr std::string_view kPrintable = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ _-./:";
  const bool printable = as_text(value).find_first_not_of(kPrintable) == std::string_view::npos;
  return printable ? std::string(as_text(value)) : as_hex(value);
}

// Cisco's forms begin with their type and the length of the rest: 0 is numbers, 1 is a text that somebody configured.
constexpr std::uint8_t kNumbers = 0, kConfigured = 1;
constexpr std::size_t kFormHead = 2, kPortNumbers = 4, kMacLength = 6;

std::optional<Bytes> of_form(Bytes value, std::uint8_t form) {
  if (value.size() <= kFormHead || std::to_integer<std::uint8_t>(value[0]) != form ||
      std::to_integer<std::size_t>(value[1]) != value.size() - kFormHead)
    return std::nullopt;
  return value.subspan(kFormHead);
}

std::string place_text(Bytes value) {
  const auto configured = of_form(value, kConfigured);
  return inventory::clean_text(text_or_hex(configured.value_or(value)), kMaxPlaceText);
}

std::string switch_text(Bytes remote) {
  const auto mac = of_form(remote, kNumbers);
  return mac && mac->size() == kMacLength ? as_hex(*mac) : place_text(remote);
}

void read_port(Bytes circuit, ToldPlace& place) {
  const auto numbers = of_form(circuit, kNumbers);
  if (!numbers || numbers->size() != kPortNumbers) {
    place.port = place_text(circuit);
    return;
  }
  packet::Cursor in(*numbers);
  place.vlan = fmt::to_string(in.u16());
  const auto module = in.u8(), port = in.u8();
  place.port = fmt::format("{}/{}", module, port);
}

}  // namespace

void tell_relay_agent(Bytes option, Observations& out) {
  bool whole = false;
  const auto found = read(option, whole);
  tell(out, "dhcp", "dhcp.circuit_id", text_or_hex(found.circuit));
  tell(out, "dhcp", "dhcp.remote_id", text_or_hex(found.remote));
  tell(out, "dhcp", "dhcp.subscriber_id", text_or_hex(found.subscriber));
}

std::optional<ToldPlace> place_of_relay_agent(Bytes option) {
  bool whole = false;
  const auto found = read(option, whole);
  if (!whole || found.remote.empty()) return std::nullopt;
  ToldPlace place;
  place.source = kOption82;
  place.switch_name = switch_text(found.remote);
  read_port(found.circuit, place);
  return place.switch_name.empty() ? std::nullopt : std::optional(std::move(place));
}

}  // namespace wardline::identity
