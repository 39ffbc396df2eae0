#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/packet/cursor.h"

// Initial packets of QUIC v1 (RFC 9000, 9001) and v2 (RFC 9369). Their keys are made of published constants and of a
// field of the packet itself: they guard against accidents, hide nothing and are no secret.
namespace wardline::facts {

// Longer datagrams are not opened: a client's first ones fit a path's smallest frames.
inline constexpr std::size_t kMaxInitial = 2048;

enum class QuicVersion : std::uint32_t { kV1 = 0x00000001, kV2 = 0x6b3343cf };

// What a client encrypts its Initial packets with (RFC 9001, 5.2).
struct InitialKeys {
  std::array<std::uint8_t, 16> key, header;
  std::array<std::uint8_t, 12> iv;
};
InitialKeys client_initial_keys(QuicVersion version, std::span<const std::byte> destination_id);

// One packet of a datagram with a long header, where it lies.
struct LongPacket {
  bool initial = false;
  QuicVersion version = QuicVersion::kV1;
  std::span<const std::byte> destination_id;
  std::span<const std::byte> bytes;  // all of it, from its first byte
  std::size_t number_at = 0;         // of an Initial packet: where the protected packet number begins
};

// Takes the next packet off the datagram. False where there is none, or none of a version that is known.
bool next_long_packet(packet::Cursor& datagram, LongPacket& packet);

// The frames of an Initial packet, made clear in a room of its own.
class OpenedInitial {
 public:
  // False: this is no Initial packet of a client, or not all of it is there.
  bool open(const LongPacket& packet);
  std::span<const std::byte> frames() const { return frames_; }

 private:
  std::array<std::uint8_t, kMaxInitial> room_;
  std::span<const std::byte> frames_;
};

// A number of 1 to 8 bytes (RFC 9000, 16).
std::uint64_t quic_number(packet::Cursor& cursor);

}  // namespace wardline::facts
