#include "dataplane/flow/flow_key.h"

#include <bit>
#include <cstring>
#include <tuple>

namespace wardline::flow {
namespace {

static_assert(std::endian::native == std::endian::little);
std::uint16_t wire(std::uint16_t port) {
  return __builtin_bswap16(port);
}

std::uint64_t word_at(const void* bytes, std::size_t offset) {
  std::uint64_t word;
  std::memcpy(&word, static_cast<const std::byte*>(bytes) + offset, sizeof word);
  return word;
}

// The order is (address, port) by number, highest byte first, as the address is written on the wire.
struct Order {
  bool from_high;
  std::uint8_t pass;
};

Order order_of(int source_against_target, Side arrived_on) {
  const bool core = arrived_on == Side::kCore;
  const bool from_high = source_against_target > 0;
  const bool equal = source_against_target == 0;
  return {from_high, static_cast<std::uint8_t>(equal ? core : from_high != core)};
}

template <typename Place>
int compare(const Place& a, const Place& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

}  // namespace

Oriented<FlowKey4> orient4(SegmentId segment, const Address& source, std::uint16_t source_port, const Address& target,
                           std::uint16_t target_port, std::uint8_t proto, Side arrived_on) {
  std::uint32_t from, to;
  std::memcpy(&from, source.bytes.data() + 12, sizeof from);
  std::memcpy(&to, target.bytes.data() + 12, sizeof to);
  const auto place = [](std::uint32_t address, std::uint16_t port) {
    return std::uint64_t{__builtin_bswap32(address)} << 16 | port;
  };
  const auto order = order_of(compare(place(from, source_port), place(to, target_port)), arrived_on);
  if (order.from_high) {
    std::swap(from, to);
    std::swap(source_port, target_port);
  }
  return {{from, to, wire(source_port), wire(target_port), segment, proto, order.pass}, order.from_high};
}

Oriented<FlowKey6> orient6(SegmentId segment, const Address& source, std::uint16_t source_port, const Address& target,
                           std::uint16_t target_port, std::uint8_t proto, Side arrived_on) {
  const auto place = [](const Address& address, std::uint16_t port) {
    return std::tuple(__builtin_bswap64(word_at(address.bytes.data(), 0)),
                      __builtin_bswap64(word_at(address.bytes.data(), 8)), port);
  };
  const auto order = order_of(compare(place(source, source_port), place(target, target_port)), arrived_on);
  const auto& low = order.from_high ? target : source;
  const auto& high = order.from_high ? source : target;
  if (order.from_high) std::swap(source_port, target_port);
  return {{low.bytes, high.bytes, wire(source_port), wire(target_port), segment, proto, order.pass}, order.from_high};
}

std::uint64_t hash(const FlowKey6& key, const HashSeed& seed) {
  const auto* s = seed.words;
  const auto low = multiply(word_at(&key, 0) ^ s[0], word_at(&key, 8) ^ s[1]);
  const auto high = multiply(word_at(&key, 16) ^ s[2], word_at(&key, 24) ^ s[3]);
  const auto ends = word_at(&key, 32) + s[0];
  const auto mixed = multiply(low.low ^ std::rotl(high.high, 32) ^ s[2], (low.high ^ high.low) + ends);
  return fold(mixed.low ^ s[1], mixed.high ^ s[3] ^ ends);
}

}  // namespace wardline::flow
