#include "dataplane/facts/quic_packet.h"

#include <nettle/aes.h>
#include <nettle/gcm.h>

#include <algorithm>
#include <cstring>

namespace wardline::facts {
namespace {

constexpr std::size_t kMaxId = 20, kMaxNumber = 4, kSample = 16, kTag = GCM_DIGEST_SIZE;

// Bits of the first byte (RFC 9000, 17.2; RFC 9369, 3.2).
constexpr std::uint8_t kLongHeader = 0x80, kFixedBit = 0x40, kTypeBits = 0x30, kProtectedBits = 0x0f;
constexpr std::uint8_t kInitialV1 = 0x00, kRetryV1 = 0x30, kInitialV2 = 0x10, kRetryV2 = 0x00;

std::span<const std::byte> id(packet::Cursor& cursor) {
  const std::size_t length = cursor.u8();
  return length <= kMaxId ? cursor.take(length) : cursor.take(cursor.left() + 1);  // longer ones fail
}

}  // namespace

std::uint64_t quic_number(packet::Cursor& cursor) {
  const auto first = cursor.u8();
  std::uint64_t value = first & 0x3f;
  for (int more = (1 << (first >> 6)) - 1; more > 0; --more) value = value << 8 | cursor.u8();
  return value;
}

bool next_long_packet(packet::Cursor& datagram, LongPacket& packet) {
  packet::Cursor cursor = datagram;
  const auto first = cursor.u8();
  const auto version = QuicVersion{cursor.u32()};
  if ((first & (kLongHeader | kFixedBit)) != (kLongHeader | kFixedBit)) return false;
  if (version != QuicVersion::kV1 && version != QuicVersion::kV2) return false;
  const bool v2 = version == QuicVersion::kV2;
  const auto type = first & kTypeBits;
  if (type == (v2 ? kRetryV2 : kRetryV1)) return false;  // it has no length, and nothing follows it
  packet.version = version;
  packet.initial = type == (v2 ? kInitialV2 : kInitialV1);
  packet.destination_id = id(cursor);
  id(cursor);                                            // of the source
  if (packet.initial) cursor.take(quic_number(cursor));  // token
  const auto length = quic_number(cursor);
  packet.number_at = datagram.left() - cursor.left();
  cursor.take(length);
  if (cursor.failed()) return false;
  packet.bytes = datagram.take(datagram.left() - cursor.left());
  return true;
}

bool OpenedInitial::open(const LongPacket& packet) {
  const auto size = packet.bytes.size(), number_at = packet.number_at;
  if (!packet.initial || size > kMaxInitial || size < number_at + kMaxNumber + kSample) return false;
  const auto keys = client_initial_keys(packet.version, packet.destination_id);
  std::memcpy(room_.data(), packet.bytes.data(), size);

  // Header protection (RFC 9001, 5.4): a mask from a sample of what is encrypted.
  aes128_ctx header_cipher;
  aes128_set_encrypt_key(&header_cipher, keys.header.data());
  std::array<std::uint8_t, kSample> mask;
  aes128_encrypt(&header_cipher, mask.size(), mask.data(), room_.data() + number_at + kMaxNumber);
  room_[0] ^= mask[0] & kProtectedBits;
  const std::size_t number_length = (room_[0] & 3u) + 1;
  auto nonce = keys.iv;
  for (std::size_t i = 0; i < number_length; ++i) {
    room_[number_at + i] ^= mask[1 + i];
    nonce[nonce.size() - number_length + i] ^= room_[number_at + i];  // a first flight's numbers are sent in full
  }

  const std::size_t header_length = number_at + number_length, length = size - header_length - kTag;
  gcm_aes128_ctx cipher;
  gcm_aes128_set_key(&cipher, keys.key.data());
  gcm_aes128_set_iv(&cipher, nonce.size(), nonce.data());
  gcm_aes128_update(&cipher, header_length, room_.data());
  gcm_aes128_decrypt(&cipher, length, room_.data() + header_length, room_.data() + header_length);
  std::array<std::uint8_t, kTag> tag;
  gcm_aes128_digest(&cipher, tag.size(), tag.data());
  // Everybody can make the tag, so that the time which the comparison takes tells nothing.
  if (std::memcmp(tag.data(), room_.data() + size - kTag, kTag) != 0) return false;
  frames_ = std::as_bytes(std::span(room_)).subspan(header_length, length);
  return true;
}

}  // namespace wardline::facts
