#include <algorithm>
#include <array>

#include "dataplane/packet/ip.h"
#include "dataplane/packet/l4.h"

namespace wardline::packet {
namespace {

// RFC 792, RFC 950 (mask), RFC 8335 (extended echo): identifier in bytes 4 and 5.
constexpr std::array<std::uint8_t, 10> kQueries4{0, 8, 13, 14, 15, 16, 17, 18, 42, 43};
constexpr std::array<std::uint8_t, 4> kQueries6{128, 129, 160, 161};
// Those that carry the start of the packet they speak of (RFC 1122, 3.2.2; RFC 4443, 2.1).
constexpr std::array<std::uint8_t, 5> kErrors4{3, 4, 5, 11, 12};
constexpr std::array<std::uint8_t, 4> kErrors6{1, 2, 3, 4};

bool is_among(std::span<const std::uint8_t> types, std::uint8_t type) {
  return std::ranges::find(types, type) != types.end();
}
bool is_query(bool v6, std::uint8_t type) {
  return v6 ? is_among(kQueries6, type) : is_among(kQueries4, type);
}
bool is_error(bool v6, std::uint8_t type) {
  return v6 ? is_among(kErrors6, type) : is_among(kErrors4, type);
}

// The ports of the quoted packet: of TCP and UDP the first four bytes are enough; other protocols have none.
bool read_quoted_ports(Cursor in, bool v6, Quoted& quoted) {
  if (quoted.proto == kProtoTcp || quoted.proto == kProtoUdp) {
    const auto ports = in.take<4>();
    quoted.source_port = ports.u16<0>();
    quoted.target_port = ports.u16<2>();
  } else if (quoted.proto == (v6 ? kProtoIcmp6 : kProtoIcmp)) {
    const auto icmp = in.take<8>();
    if (is_query(v6, icmp.u8<0>())) quoted.source_port = quoted.target_port = icmp.u16<4>();
  }
  return !in.failed();
}

// Lengths inside a quoted packet speak of the whole one and are not compared with the bytes that are here.
Quoted read_quoted4(Cursor in) {
  Quoted quoted;
  const auto header = in.take<20>();
  const std::size_t header_length = (header.u8<0>() & 0xfu) * 4;
  if (in.failed() || header.u8<0>() >> 4 != 4 || header_length < 20) return quoted;
  in.skip(header_length - 20);
  quoted.proto = header.u8<9>();
  quoted.source = mapped_v4(header.bytes().subspan<12, 4>());
  quoted.target = mapped_v4(header.bytes().subspan<16, 4>());
  const bool later_fragment = (header.u16<6>() & 0x1fff) != 0;
  quoted.valid = !later_fragment && read_quoted_ports(in, false, quoted);
  return quoted;
}

Quoted read_quoted6(Cursor in) {
  Quoted quoted;
  const auto header = in.take<40>();
  if (in.failed() || header.u8<0>() >> 4 != 6) return quoted;
  header.copy<8, 16>(quoted.source.bytes.data());
  header.copy<24, 16>(quoted.target.bytes.data());
  const ExtensionChain chain = walk_extensions(in, header.u8<6>());
  quoted.proto = chain.proto;
  const bool later_fragment = chain.fragment && !chain.first_fragment;
  quoted.valid = chain.readable && !later_fragment && read_quoted_ports(in, true, quoted);
  return quoted;
}

}  // namespace

bool parse_icmp(Cursor& in, PacketView& view) {
  const auto head = in.take<4>();
  if (in.failed()) return false;
  view.icmp_type = head.u8<0>();
  view.icmp_code = head.u8<1>();
  const bool query = is_query(view.v6, view.icmp_type), error = is_error(view.v6, view.icmp_type);
  if (!query && !error) {
    view.payload = in.rest();
    view.l4 = L4::kIcmpOther;
    return true;
  }
  const std::uint32_t second = in.u32();  // identifier and number, or what the error is about
  if (in.failed()) return false;
  view.payload = in.rest();
  if (query) {
    view.source_port = view.target_port = static_cast<std::uint16_t>(second >> 16);
    view.l4 = L4::kIcmpQuery;
  } else {
    view.quoted = view.v6 ? read_quoted6(in) : read_quoted4(in);
    view.l4 = L4::kIcmpError;
  }
  return true;
}

}  // namespace wardline::packet
