#include <nettle/hkdf.h>
#include <nettle/hmac.h>

#include <algorithm>
#include <string_view>

#include "dataplane/facts/quic_packet.h"

namespace wardline::facts {
namespace {

using Secret = std::array<std::uint8_t, SHA256_DIGEST_SIZE>;
using Salt = std::array<std::uint8_t, 20>;

// RFC 9001, 5.2; RFC 9369, 3.3.1.
constexpr Salt kSaltV1{0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                       0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};
constexpr Salt kSaltV2{0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
                       0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9};

struct Labels {
  std::string_view key, iv, header;
};
constexpr Labels kLabelsV1{"quic key", "quic iv", "quic hp"};
constexpr Labels kLabelsV2{"quicv2 key", "quicv2 iv", "quicv2 hp"};

nettle_hash_update_func* const kUpdate = reinterpret_cast<nettle_hash_update_func*>(&hmac_sha256_update);
nettle_hash_digest_func* const kDigest = reinterpret_cast<nettle_hash_digest_func*>(&hmac_sha256_digest);

Secret extract(const Salt& salt, std::span<const std::byte> from) {
  hmac_sha256_ctx mac;
  hmac_sha256_set_key(&mac, salt.size(), salt.data());
  Secret secret;
  hkdf_extract(&mac, kUpdate, kDigest, secret.size(), from.size(), reinterpret_cast<const std::uint8_t*>(from.data()),
               secret.data());
  return secret;
}

// HKDF-Expand-Label with an empty context (RFC 8446, 7.1). `mac` is keyed with the secret and may be used again.
void expand_label(hmac_sha256_ctx& mac, std::string_view label, std::span<std::uint8_t> to) {
  constexpr std::string_view kPrefix = "tls13 ";
  std::array<std::uint8_t, 32> info;
  auto at = info.begin();
  *at++ = 0;
  *at++ = static_cast<std::uint8_t>(to.size());
  *at++ = static_cast<std::uint8_t>(kPrefix.size() + label.size());
  at = std::ranges::copy(kPrefix, at).out;
  at = std::ranges::copy(label, at).out;
  *at++ = 0;  // length of the context
  hkdf_expand(&mac, kUpdate, kDigest, SHA256_DIGEST_SIZE, static_cast<std::size_t>(at - info.begin()), info.data(),
              to.size(), to.data());
}

}  // namespace

InitialKeys client_initial_keys(QuicVersion version, std::span<const std::byte> destination_id) {
  const bool v2 = version == QuicVersion::kV2;
  const Labels& labels = v2 ? kLabelsV2 : kLabelsV1;
  const auto initial = extract(v2 ? kSaltV2 : kSaltV1, destination_id);
  hmac_sha256_ctx mac;
  hmac_sha256_set_key(&mac, initial.size(), initial.data());
  Secret client;
  expand_label(mac, "client in", client);
  hmac_sha256_set_key(&mac, client.size(), client.data());
  InitialKeys keys;
  expand_label(mac, labels.key, keys.key);
  expand_label(mac, labels.iv, keys.iv);
  expand_label(mac, labels.header, keys.header);
  return keys;
}

}  // namespace wardline::facts
