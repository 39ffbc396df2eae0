#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "dataplane/facts/fact.h"
#include "dataplane/packet/cursor.h"

// The ClientHello of TLS, DTLS and QUIC: RFC 8446, 4.1.2 and RFC 9147, 5.3.
namespace wardline::facts {

// Of a longer hello only this much is read, and it gets no fingerprint.
inline constexpr std::size_t kMaxHello = 2048;
// Nor does one with more ciphers, extensions or the like: a hello that is made of nothing else would cost a hundred
// times what a program's does.
inline constexpr std::size_t kMaxListed = 256;

// As JA4 writes it.
enum class HelloOver : char { kTls = 't', kDtls = 'd', kQuic = 'q' };

// Parts of a hello, where they lie: lists of 16-bit numbers unless it is said otherwise.
struct ClientHello {
  HelloOver over = HelloOver::kTls;
  bool whole = false;  // all of it is there, every length in it fits, and no list is too long
  bool has_server_name = false;
  std::uint16_t version = 0;  // of the field that TLS 1.3 leaves at 1.2
  std::span<const std::byte> ciphers;
  std::span<const std::byte> extensions;               // type, length, content of each, as far as they are whole
  std::span<const std::byte> server_name, first_alpn;  // text
  std::span<const std::byte> versions, groups, signature_algorithms;
  std::span<const std::byte> point_formats;  // a list of bytes
};

// `body` is what is there of the hello behind its handshake header; `cut` where that is not all.
std::optional<ClientHello> read_client_hello(std::span<const std::byte> body, bool cut, HelloOver over);

void add_client_hello(const ClientHello& hello, FactSet& facts);

using Ja3 = std::array<char, 32>;
using Ja4 = std::array<char, 36>;
// Of a whole hello only.
Ja3 ja3_of(const ClientHello& hello);
Ja4 ja4_of(const ClientHello& hello);

// "1.0" to "1.3", for TLS and DTLS alike, or "ssl3"; empty for what is none of them.
std::string_view version_text(std::uint16_t version);

// Values that mean nothing and are sent so that receivers learn to ignore what they do not know (RFC 8701).
constexpr bool is_grease(std::uint16_t value) {
  return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

template <typename Take>
void for_each_number(std::span<const std::byte> list, Take take) {
  packet::Cursor cursor(list);
  while (cursor.left() >= 2)
    if (const auto value = cursor.u16(); !is_grease(value)) take(value);
}

// Calls `take` with type and content of each extension that is whole. How many bytes those were.
template <typename Take>
std::size_t for_each_extension(std::span<const std::byte> extensions, Take take) {
  packet::Cursor cursor(extensions);
  while (cursor.left() >= 4) {
    const auto left = cursor.left();
    const auto type = cursor.u16();
    const auto content = cursor.take(cursor.u16());
    if (cursor.failed()) return extensions.size() - left;
    take(type, content);
  }
  return extensions.size() - cursor.left();
}

}  // namespace wardline::facts
