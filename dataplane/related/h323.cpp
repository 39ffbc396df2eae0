#include "dataplane/related/h323.h"

#include <algorithm>

#include "dataplane/packet/cursor.h"

namespace wardline::related {
namespace {

constexpr std::size_t kMostBytes = 4096;
constexpr std::byte kTpkt{3}, kQ931{8};  // RFC 1006, 6; Q.931, 4.2

// A TPKT header, then Q.931 with a call reference of two bytes, as H.225.0 has it.
bool call_signalling(std::span<const std::byte> payload) {
  return payload.size() > 6 && payload[0] == kTpkt && payload[4] == kQ931 && payload[5] == std::byte{2};
}

bool known(const Announcements& said, std::uint16_t port) {
  return std::ranges::any_of(said, [port](const Announcement& one) { return one.port == port; });
}

}  // namespace

Announcements read_h323(std::span<const std::byte> payload, const Address& own) {
  Announcements said;
  if (!own.is_v4()) return said;
  const bool call = call_signalling(payload);
  const auto looked_at = payload.first(std::min(payload.size(), kMostBytes));
  const auto address = std::as_bytes(std::span(own.bytes)).subspan<12, 4>();
  for (auto rest = looked_at; rest.size() >= 7;) {
    // The choice and the padding before the address leave the low half of the byte in front of it zero.
    const auto found = std::ranges::search(rest.subspan(1), address);
    if (found.size() != address.size()) break;
    const auto at = static_cast<std::size_t>(found.begin() - rest.begin());
    packet::Cursor behind(rest.subspan(at + address.size()));
    const auto port = behind.u16();
    if (!behind.failed() && (rest[at - 1] & std::byte{0x0f}) == std::byte{0} && !known(said, port)) {
      if (call) said.add({.kind = Kind::kCallControl, .proto = packet::kProtoTcp, .port = port});
      said.add({.kind = Kind::kMedia, .port = port});
    }
    rest = rest.subspan(at);
  }
  return said;
}

}  // namespace wardline::related
