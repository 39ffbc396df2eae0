#pragma once
#include <array>

#include "dataplane/glance/glance.h"
#include "dataplane/glance/place.h"
#include "dataplane/glance/plain.h"

// look() for several frames at a time: the same questions as plain_ipv4() and the same key as key_of(), each asked of
// all lanes at once. Only IPv4; the rest is asked one by one.
namespace wardline::glance {

template <typename Lanes>
struct Questions {
  using Vector = typename Lanes::Vector;
  using Mask = typename Lanes::Mask;
  template <std::uint64_t kValue>
  [[gnu::always_inline]] static inline Vector each() {
    return Lanes::template each<kValue>();
  }
  static constexpr std::uint64_t kLow16 = 0xffff, kLow32 = 0xffff'ffff;

  // Of a header without options, from its third byte on; the first two come with the origin (place.h).
  struct Header {
    Vector origin;
    Vector length_to_proto;   // length, id, fragment, TTL, protocol
    Vector sum_to_target;     // check sum, source, the target's first half
    Vector target_to_length;  // its second half, ports, UDP length
    Vector after_ports;       // in its highest bytes TCP's header length and flags

    [[gnu::always_inline]] inline Vector source() const { return sum_to_target >> 16 & each<kLow32>(); }
    [[gnu::always_inline]] inline Vector target() const {
      return sum_to_target >> 48 | (target_to_length & each<kLow16>()) << 16;
    }
    [[gnu::always_inline]] inline Vector ports() const { return target_to_length >> 16 & each<kLow32>(); }
    [[gnu::always_inline]] inline Vector proto() const { return length_to_proto >> 56; }
  };

  // The lowest two or six bytes, last first, as a number.
  [[gnu::always_inline]] static inline Vector two_reversed(Vector value) {
    return Lanes::reordered(value, 0x80808080'80800001, 0x80808080'80800809);
  }
  [[gnu::always_inline]] static inline Vector six_reversed(Vector value) {
    return Lanes::reordered(value, 0x80800001'02030405, 0x80800809'0a0b0c0d);
  }

  // The ten words add up to all ones (RFC 1071); carries go round.
  [[gnu::always_inline]] static inline Vector sum_of(const Header& header) {
    const Vector low16 = each<kLow16>(), low32 = each<kLow32>();
    Vector sum = (header.length_to_proto & low32) + (header.length_to_proto >> 32) + (header.sum_to_target & low32) +
                 (header.sum_to_target >> 32) + (header.target_to_length & low16) + (header.origin & low16);
    sum = (sum & low16) + (sum >> 16 & low16) + (sum >> 32);
    return (sum & low16) + (sum >> 16);
  }
  // Questions that do not wait for one another's answers: a chain of all of them would be longer than the work is.

  // Version 4 without options, as long as it says.
  [[gnu::always_inline]] static inline Mask has_its_length(const Header& header, Vector total) {
    Mask yes = Lanes::same(Lanes::all(), header.origin & each<0xff>(), each<0x45>());
    yes = Lanes::greater(yes, total, each<27>());
    return Lanes::greater(yes, (header.origin >> 16 & each<kLow16>()) + each<1>(), total);
  }
  // No fragment, a TTL, from somebody.
  [[gnu::always_inline]] static inline Mask may_travel(const Header& header) {
    Mask yes = Lanes::none(Lanes::all(), header.length_to_proto, each<0x0000'ffbf'0000'0000>());
    yes = Lanes::some(yes, header.length_to_proto, each<0x00ff'0000'0000'0000>());
    return Lanes::some(yes, header.sum_to_target, each<0x0000'ffff'ffff'0000>());
  }
  // To one host, and its sum holds.
  [[gnu::always_inline]] static inline Mask to_one_host(const Header& header) {
    Mask yes = Lanes::differ(Lanes::all(), header.sum_to_target & each<0x00f0'0000'0000'0000>(),
                             each<0x00e0'0000'0000'0000>());
    yes = Lanes::differ(yes, header.target(), each<kLow32>());
    return Lanes::same(yes, sum_of(header), each<kLow16>());
  }
  // As has_port(): none of the ports is it.
  template <std::uint16_t kPort>
  [[gnu::always_inline]] static inline Mask without_port(Mask so_far, Vector ports) {
    constexpr std::uint64_t kBoth = __builtin_bswap16(kPort) * std::uint64_t{0x10001};
    const Vector differ = kPort == 0 ? ports : ports ^ each<kBoth>();
    return Lanes::none(so_far, (differ - each<0x00010001>()) & ~differ, each<0x80008000>());
  }
  [[gnu::always_inline]] static inline Mask is_udp(const Header& header, Vector left) {
    constexpr std::uint16_t kDhcpServer = 67;
    Mask yes = Lanes::same(Lanes::all(), header.proto(), each<packet::kProtoUdp>());
    yes = Lanes::same(yes, two_reversed(header.target_to_length >> 48), left);
    yes = Lanes::some(yes, header.target_to_length, each<0x0000'ffff'0000'0000>());
    return without_port<kDhcpServer>(yes, header.ports());
  }
  [[gnu::always_inline]] static inline Mask is_tcp(const Header& header, Vector left) {
    const Vector form = header.after_ports >> 48, length = (form & each<0xf0>()) >> 2;
    Mask yes = Lanes::same(Lanes::all(), header.proto(), each<packet::kProtoTcp>());
    yes = Lanes::same(yes, form & each<0x170e>(), each<0x1000>());
    yes = Lanes::greater(yes, length, each<19>());
    yes = Lanes::greater(yes, left + each<1>(), length);
    return without_port<0>(yes, header.ports());
  }
  [[gnu::always_inline]] static inline Mask plain(const Header& header) {
    const Vector total = two_reversed(header.length_to_proto), left = total - each<20>();
    const Mask network =
        Lanes::both(Lanes::both(has_its_length(header, total), may_travel(header)), to_one_host(header));
    const Mask udp = Lanes::both(network, is_udp(header, left));
    if (Lanes::bits(udp) == Lanes::kEveryBit) return udp;  // often: a ward's monitors send nothing else
    return Lanes::either(udp, Lanes::both(network, is_tcp(header, left)));
  }
  [[gnu::always_inline]] static inline void store_keys(const Header& header, flow::FlowKey4* keys) {
    const Vector source = header.source(), target = header.target(), ports = header.ports();
    // (address, port) by number.
    const Vector from = six_reversed(source | ports << 32);
    const Vector to = six_reversed(target | (header.target_to_length & each<0x0000'ffff'0000'0000>()));
    const Mask from_high = Lanes::greater(Lanes::all(), from, to);
    const Vector addresses = source | target << 32;
    const Vector turned = ports >> 16 | (ports & each<kLow16>()) << 16;
    const Vector rest =
        (header.origin & each<kOrigin>()) | (header.length_to_proto >> 8 & each<0x00ff'0000'0000'0000>());
    Lanes::store_pairs(
        keys, Lanes::where(from_high, Lanes::halves_turned(addresses), addresses),
        Lanes::flipped_where(from_high, Lanes::where(from_high, turned, ports) | rest, each<std::uint64_t{1} << 56>()));
  }
};

// Fills `keys` for as many frames as there are lanes; returns a bit for each that is plain. `headers` have
// Header4::kRead bytes each; `origins` are those of place.h.
template <typename Lanes>
[[gnu::always_inline]] inline std::uint32_t ask(const std::byte* const* headers, const std::uint64_t* origins,
                                                flow::FlowKey4* keys) {
  using Vector = typename Lanes::Vector;
  const auto columns = Lanes::columns(headers, 2);
  Vector origin;
  std::memcpy(&origin, origins, sizeof origin);
  const typename Questions<Lanes>::Header header{origin, columns.bytes_0, columns.bytes_8, columns.bytes_16,
                                                 columns.bytes_24};
  Questions<Lanes>::store_keys(header, keys);
  return Lanes::bits(Questions<Lanes>::plain(header));
}

// look() with these lanes.
template <typename Lanes>
inline void look_in_lanes(std::span<const Frame> frames, const Look& how, Burst& burst) {
  std::array<const std::byte*, Batch::kMaxFrames> headers;
  std::array<std::uint64_t, Batch::kMaxFrames> places;
  const Origins origins(how);
  std::uint32_t v6 = 0;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    bytes += frames[i].bytes.size();
    const Place4 place = place4_of(frames[i], origins);
    headers[i] = place.header;
    places[i] = place.origin;
    if (place.v6) [[unlikely]]
      v6 |= 1U << i;
  }
  for (std::size_t i = frames.size(); i % Lanes::kCount != 0; ++i) {
    headers[i] = kNoHeader.data();
    places[i] = 0;
  }
  const flow::HashSeed seed = how.seed;
  const flow::FirstBuckets buckets = how.buckets4;
  std::uint32_t plain = 0;
  for (std::size_t i = 0; i < frames.size(); i += Lanes::kCount) {
    plain |= ask<Lanes>(&headers[i], &places[i], &burst.keys4[i]) << i;
    // Of frames that are not plain this is nothing that anybody reads. Unrolled, or GCC 12 keeps the loop's own numbers
    // in memory.
#pragma GCC unroll 8
    for (std::size_t j = 0; j < Lanes::kCount; ++j) {
      burst.hashes[i + j] = flow::hash(burst.keys4[i + j], seed);
      burst.buckets4[i + j] = buckets.fetch(burst.hashes[i + j]);
    }
  }
  // Those at the edges of a TCP connection are few, and asked for one by one. What else is told of a plain frame is
  // told of them already.
  std::uint32_t edges = 0;
  for (auto others = everyone(frames.size()) & ~(plain | v6); others != 0; others &= others - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(others));
    if (is_edge4_at(headers[i], left_of(places[i]))) edges |= 1U << i;
  }
  burst.plain4 = plain | edges;
  burst.edges = edges;
  burst.bytes = bytes;
  burst.plain6 = 0;
  for (; v6 != 0; v6 &= v6 - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(v6));
    look_at_v6(frames[i], i, how, burst);
  }
}

}  // namespace wardline::glance
