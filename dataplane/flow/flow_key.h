#pragma once
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "dataplane/address.h"
#include "dataplane/batch.h"
#include "dataplane/fold.h"
#include "dataplane/ids.h"

namespace wardline::flow {

// One pass of one conversation through the wire. The endpoints stand in canonical order, (address, port) lower first.
// `pass` = (source > destination) XOR (arrived on the core leg): it tells which endpoint is on the device side, is
// the same for both directions of one pass and different for the second pass of a hairpin and for a forger on the
// other leg. With pass 0 the low endpoint is the device side, with pass 1 the high one. Equal endpoints: pass = leg.
// Hashed and compared as bytes, addresses and ports as on the wire (network order).
struct FlowKey4 {
  std::uint32_t low_address, high_address;
  std::uint16_t low_port, high_port;
  std::uint16_t segment;
  std::uint8_t proto;
  std::uint8_t pass;
  bool operator==(const FlowKey4& other) const { return std::memcmp(this, &other, sizeof other) == 0; }
};
static_assert(sizeof(FlowKey4) == 16 && std::has_unique_object_representations_v<FlowKey4>);

struct FlowKey6 {
  std::array<std::uint8_t, 16> low_address, high_address;
  std::uint16_t low_port, high_port;
  std::uint16_t segment;
  std::uint8_t proto;
  std::uint8_t pass;
  bool operator==(const FlowKey6& other) const { return std::memcmp(this, &other, sizeof other) == 0; }
};
static_assert(sizeof(FlowKey6) == 40 && std::has_unique_object_representations_v<FlowKey6>);

template <typename Key>
struct Oriented {
  Key key;
  bool from_high;  // this packet was sent by the high endpoint
};

// Requires: both addresses are of the family of the key.
Oriented<FlowKey4> orient4(SegmentId segment, const Address& source, std::uint16_t source_port, const Address& target,
                           std::uint16_t target_port, std::uint8_t proto, Side arrived_on);
Oriented<FlowKey6> orient6(SegmentId segment, const Address& source, std::uint16_t source_port, const Address& target,
                           std::uint16_t target_port, std::uint8_t proto, Side arrived_on);

// Who stands on the device's side and who on the other, as orient4 and orient6 put them into a key. Ports in host
// order.
struct Endpoints {
  Address device, peer;
  std::uint16_t device_port, peer_port;
};
inline Address address_in(std::uint32_t network_order) {
  return Address::v4(__builtin_bswap32(network_order));
}
inline Address address_in(const std::array<std::uint8_t, 16>& bytes) {
  return Address{bytes};
}
template <typename Key>
inline Endpoints endpoints_of(const Key& key) {
  const bool device_is_high = key.pass != 0;
  const auto& device = device_is_high ? key.high_address : key.low_address;
  const auto& peer = device_is_high ? key.low_address : key.high_address;
  const auto device_port = device_is_high ? key.high_port : key.low_port;
  const auto peer_port = device_is_high ? key.low_port : key.high_port;
  return {address_in(device), address_in(peer), __builtin_bswap16(device_port), __builtin_bswap16(peer_port)};
}

// Keyed hash (a secret of this boot), never the NIC's: an attacker must not be able to choose buckets.
struct HashSeed {
  std::uint64_t words[4];
};
std::uint64_t hash(const FlowKey6& key, const HashSeed& seed);

// Both halves of a product go into the next one: folded at once they lose keys that differ in one bit (a seed whose
// words complement each other showed it).
inline std::uint64_t hash(const FlowKey4& key, const HashSeed& seed) {
  std::uint64_t words[2];
  std::memcpy(words, &key, sizeof words);
  const auto mixed = multiply(words[0] ^ seed.words[0], words[1] ^ seed.words[1]);
  return fold(mixed.low ^ seed.words[2], mixed.high ^ seed.words[3]);
}

}  // namespace wardline::flow
