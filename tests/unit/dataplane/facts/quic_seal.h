#pragma once
#include <nettle/aes.h>
#include <nettle/gcm.h>

#include "dataplane/facts/quic_packet.h"
#include "tests/unit/dataplane/facts/wire.h"

namespace wardline::facts {

// The destination's id of the examples in RFC 9001, appendix A, and RFC 9369, appendix A.
inline Octets example_id() {
  return from_hex("8394c8f03e515708");
}

inline Octets quic_number_of(std::size_t value) {
  return value < 64 ? Wire().u8(static_cast<unsigned>(value)).octets
                    : Wire().u16(static_cast<unsigned>(0x4000 | value)).octets;
}

inline Octets crypto_frame(std::size_t offset, std::span<const std::byte> data) {
  return Wire().u8(6).raw(quic_number_of(offset)).raw(quic_number_of(data.size())).raw(data).octets;
}

// A client's Initial packet with these frames, padded to `length` of frames: what a client does, the other way round.
inline Octets seal_initial(QuicVersion version, Octets frames, std::size_t length = 1162, unsigned number = 2,
                           std::span<const std::byte> token = {}) {
  frames.resize(length);
  const auto id = example_id();
  Wire packet;
  packet.u8(version == QuicVersion::kV2 ? 0xd3 : 0xc3).u32(static_cast<std::uint32_t>(version));
  packet.short_vector(id).u8(0).short_vector(token).u16(static_cast<unsigned>(0x4000 | (4 + length + 16)));
  const auto number_at = packet.octets.size();
  packet.u32(number);
  const auto header = packet.octets.size();
  packet.raw(frames).zeros(16);
  auto* const bytes = reinterpret_cast<std::uint8_t*>(packet.octets.data());

  const auto keys = client_initial_keys(version, id);
  auto nonce = keys.iv;
  for (std::size_t i = 0; i < 4; ++i) nonce[8 + i] ^= bytes[number_at + i];
  gcm_aes128_ctx cipher;
  gcm_aes128_set_key(&cipher, keys.key.data());
  gcm_aes128_set_iv(&cipher, nonce.size(), nonce.data());
  gcm_aes128_update(&cipher, header, bytes);
  gcm_aes128_encrypt(&cipher, length, bytes + header, bytes + header);
  gcm_aes128_digest(&cipher, 16, bytes + header + length);

  aes128_ctx protection;
  aes128_set_encrypt_key(&protection, keys.header.data());
  std::array<std::uint8_t, 16> mask;
  aes128_encrypt(&protection, 16, mask.data(), bytes + number_at + 4);
  bytes[0] ^= mask[0] & 0x0f;
  for (std::size_t i = 0; i < 4; ++i) bytes[number_at + i] ^= mask[1 + i];
  return packet.octets;
}

}  // namespace wardline::facts
