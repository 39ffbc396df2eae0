#include "dataplane/glance/glance.h"

#include "dataplane/glance/place.h"

namespace wardline::glance {
namespace {

// The key that flow::orient4 makes of the same frame, put together in two registers: both endpoints change places by a
// rotation, so that no branch depends on which is the lower.
flow::FlowKey4 key_of(const Header4& header, std::uint64_t origin) {
  const std::uint64_t source = header.source(), target = header.target(), ports = header.ports();
  // (address, port) by number: the address is written highest byte first, and the port after it.
  const auto from = __builtin_bswap64(source | (ports & 0xffff) << 32);
  const auto to = __builtin_bswap64(target | ports >> 16 << 32);
  const bool from_high = from > to;
  const std::uint64_t words[2] = {
      std::rotl(source | target << 32, 32 * from_high),
      (std::rotl(header.ports(), 16 * from_high) | (origin & kOrigin) | std::uint64_t{header.proto()} << 48) ^
          std::uint64_t{from_high} << 56};
  return std::bit_cast<flow::FlowKey4>(words);
}

}  // namespace

bool is_edge4_at(const std::byte* header, std::size_t left) {
  return is_edge4(Header4(header), header, left);
}

void look_one_by_one(std::span<const Frame> frames, const Look& how, Burst& burst) {
  const Origins origins(how);
  burst.plain4 = burst.plain6 = burst.edges = 0;
  burst.bytes = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    burst.bytes += frames[i].bytes.size();
    const Place4 place = place4_of(frames[i], origins);
    if (place.v6) look_at_v6(frames[i], i, how, burst);
    const Header4 header(place.header);
    const auto left = left_of(place.origin);
    if (!has_its_length(header, left) || !plain_ipv4(header)) {
      if (!is_edge4(header, place.header, left)) continue;
      burst.edges |= 1U << i;
    }
    burst.keys4[i] = key_of(header, place.origin);
    burst.hashes[i] = flow::hash(burst.keys4[i], how.seed);
    burst.buckets4[i] = how.buckets4.fetch(burst.hashes[i]);
    burst.plain4 |= 1U << i;
  }
}

}  // namespace wardline::glance
