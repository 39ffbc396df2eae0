#pragma once
#include <array>

#include "dataplane/glance/glance.h"
#include "dataplane/glance/plain.h"

// look() for several frames at a time: the same questions as plain_ipv4() and the same key as key_of(), each asked of
// all lanes at once. Only IPv4; the rest is asked one by one.
namespace wardline::glance {

template <typename Lanes>
struct Questions {
  using Vector = typename Lanes::Vector;

  static constexpr std::uint64_t kLow16 = 0xffff, kLow32 = 0xffffffff;

  [[gnu::always_inline]] static inline Vector sum_holds(Vector first, Vector second, Vector target) {
    Vector sum = (first & kLow32) + (first >> 32) + (second & kLow32) + (second >> 32) + target;
    sum = (sum & kLow16) + (sum >> 16 & kLow16) + (sum >> 32);
    return reinterpret_cast<Vector>((sum & kLow16) + (sum >> 16) == kLow16);
  }
  // As has_port(): not zero where one of the ports is it.
  [[gnu::always_inline]] static inline Vector with_port(Vector ports, std::uint16_t port) {
    const Vector differ = ports ^ __builtin_bswap16(port) * std::uint64_t{0x10001};
    return (differ - std::uint64_t{0x00010001}) & ~differ & std::uint64_t{0x80008000};
  }
  // Of numbers below 2^63, which have an instruction.
  using Signed = typename Lanes::Signed;
  [[gnu::always_inline]] static inline Vector greater(Vector a, Vector b) {
    return is(reinterpret_cast<Signed>(a) > reinterpret_cast<Signed>(b));
  }
  [[gnu::always_inline]] static inline Vector is(auto comparison) { return reinterpret_cast<Vector>(comparison); }
  [[gnu::always_inline]] static inline Vector swapped16(Vector value) {
    return (value & 0xff) << 8 | (value >> 8 & 0xff);
  }
  [[gnu::always_inline]] static inline Vector where(Vector mask, Vector yes, Vector no) {
    return (yes & mask) | (no & ~mask);
  }
};

// Fills `keys` for as many frames as there are lanes; returns a bit for each that is plain. `headers` have
// Header4::kRead bytes each, and lengths that were compared with the bytes that are there; an origin is the frame's
// segment, and bit 16 if it came from the core.
template <typename Lanes>
[[gnu::always_inline]] inline std::uint32_t ask(const std::byte* const* headers, const std::uint64_t* origins,
                                                flow::FlowKey4* keys) {
  using Q = Questions<Lanes>;
  using Vector = typename Lanes::Vector;
  const auto columns = Lanes::columns(headers);
  const Vector first = columns.bytes_0, second = columns.bytes_8, third = columns.bytes_16, fourth = columns.bytes_24;
  Vector origin, form;
  for (std::size_t i = 0; i < Lanes::kCount; ++i) {
    origin[i] = origins[i];
    form[i] = raw<std::uint16_t>(headers[i] + 32);
  }
  const Vector source = second >> 32, target = third & Q::kLow32, ports = third >> 32, proto = second >> 8 & 0xff;
  const Vector left = Q::swapped16(first >> 16) - 20;

  const Vector shaped = Q::is((first & 0xffbf'0000'0000'00ff) == 0x45) & Q::is((second & 0xff) != 0) &
                        Q::is(source != 0) & Q::is((third & 0xf0) != 0xe0) & Q::is(target != Q::kLow32) &
                        Q::sum_holds(first, second, target);
  const Vector udp = Q::is(proto == packet::kProtoUdp) & Q::is(Q::swapped16(fourth) == left) & Q::is(ports >> 16 != 0) &
                     Q::is(Q::with_port(ports, 67) == 0);
  const Vector header = (form & 0xf0) >> 2;
  const Vector tcp = Q::is(proto == packet::kProtoTcp) & Q::is((form & 0x170e) == 0x1000) & ~Q::greater(header, left) &
                     Q::greater(header, Vector{} + 19) & Q::is(Q::with_port(ports, 0) == 0);

  const Vector from = Lanes::reversed(source | ports << 48 >> 16) >> 16;
  const Vector to = Lanes::reversed(target | ports >> 16 << 32) >> 16;
  const Vector from_high = Q::greater(from, to), equal = Q::is(from == to);
  const Vector core = origin >> 16 & 1;
  const Vector pass = Q::where(equal, core, (from_high & 1) ^ core);
  const Vector addresses = Q::where(from_high, target | source << 32, source | target << 32);
  const Vector in_order = Q::where(from_high, ports >> 16 | (ports & Q::kLow16) << 16, ports);
  Lanes::store_pairs(keys, addresses, in_order | (origin & Q::kLow16) << 32 | proto << 48 | pass << 56);
  return Lanes::bits(shaped & (udp | tcp));
}

// look() with these lanes.
template <typename Lanes>
inline void look_in_lanes(std::span<const Frame> frames, const Look& how, Burst& burst) {
  std::array<const std::byte*, Batch::kMaxFrames> headers;
  std::array<std::uint64_t, Batch::kMaxFrames> origins;
  std::uint32_t asked = 0, v6 = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const Place4 place = place4_of(frames[i], how);
    headers[i] = place.header;
    origins[i] = place.origin;
    asked |= std::uint32_t{place.lengths_fit} << i;
    v6 |= std::uint32_t{place.v6} << i;
  }
  for (std::size_t i = frames.size(); i % Lanes::kCount != 0; ++i) {
    headers[i] = kNoHeader.data();
    origins[i] = 0;
  }
  std::uint32_t plain = 0;
  for (std::size_t i = 0; i < frames.size(); i += Lanes::kCount)
    plain |= ask<Lanes>(&headers[i], &origins[i], &burst.keys4[i]) << i;
  burst.plain4 = plain & asked;
  burst.plain6 = 0;
  // Of frames that are not plain this is nothing that anybody reads.
  for (std::size_t i = 0; i < frames.size(); ++i) burst.hashes[i] = flow::hash(burst.keys4[i], how.seed);
  for (; v6 != 0; v6 &= v6 - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(v6));
    look_at_v6(frames[i], i, how, burst);
  }
}

}  // namespace wardline::glance
