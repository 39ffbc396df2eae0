#pragma once
#include "controlplane/identity/observers.h"
#include "dataplane/packet/cursor.h"

namespace wardline::identity {

// Calls `take` with the user data of each data TPDU (ISO 8073, 13.7) that is there whole in its packet (RFC 1006, 6).
// Other TPDUs, such as the connection request, are passed over.
template <typename Take>
void for_each_tpkt(Bytes stream, Take take) {
  constexpr int kMaxPackets = 64;
  constexpr std::uint8_t kVersion = 3, kData = 0xf0;
  constexpr std::size_t kHeader = 4;
  packet::Cursor in(stream);
  for (int i = 0; i < kMaxPackets && in.left() > 0; ++i) {
    const auto header = in.take<kHeader>();
    if (header.u8<0>() != kVersion || header.u16<2>() < kHeader) return;
    packet::Cursor packet(in.take(header.u16<2>() - kHeader));
    packet::Cursor tpdu(packet.take(packet.u8()));  // its length does not count itself, nor the user data
    const auto code = tpdu.u8();
    if (in.failed() || packet.failed()) return;
    if (code == kData) take(packet.rest());
  }
}

}  // namespace wardline::identity
