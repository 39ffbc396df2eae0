#include "dataplane/packet/l4.h"

namespace wardline::packet {

bool options_broken(Cursor options) {
  constexpr std::uint8_t kEnd = 0, kNothing = 1, kAuthentication = 29;
  while (options.left() != 0) {  // at most 40 bytes
    const auto kind = options.u8();
    if (kind == kEnd) return false;
    if (kind == kNothing) continue;
    const auto length = options.u8();
    if (options.failed() || length < 2 || (kind == kAuthentication && length < 4)) return true;
    options.skip(length - 2U);
  }
  return options.failed();
}

namespace {

bool parse_tcp(Cursor& in, PacketView& view) {
  const auto tcp = in.take<20>();
  const std::size_t header_length = (tcp.u8<12>() >> 4) * 4u;
  if (in.failed() || header_length < 20) return false;
  const auto options = in.take(header_length - 20);
  if (in.failed()) return false;
  view.source_port = tcp.u16<0>();
  view.target_port = tcp.u16<2>();
  view.sequence = tcp.u32<4>();
  view.acknowledgement = tcp.u32<8>();
  view.tcp_flags = tcp.u8<13>();
  view.tcp_window = tcp.u16<14>();
  view.tcp_urgent = tcp.u16<18>();
  view.payload = in.rest();
  view.l4 = L4::kTcp;

  const unsigned opening = view.tcp_flags & (kSyn | kFin | kRst | kAck);
  const bool impossible = opening == 0 || ((opening & kSyn) != 0 && (opening & (kFin | kRst)) != 0);
  constexpr unsigned kReserved = 0x0e;  // RFC 9293, 3.1; the lowest bit is AccECN's
  if (impossible || (tcp.u8<12>() & kReserved) != 0 || view.source_port == 0 || view.target_port == 0) view.odd = true;
  // What a connection opens with is enough to look at: stacks keep no state for options of other segments.
  if ((view.tcp_flags & kSyn) != 0 && options_broken(Cursor(options))) view.odd = view.tcp_options_broken = true;
  return true;
}

// The length of a fragmented datagram counts bytes that come later; otherwise all of them must be here. Length 0 means
// "to the end of the packet" (RFC 2675, 4).
bool parse_udp(Cursor& in, PacketView& view) {
  const auto udp = in.take<8>();
  const std::size_t length = udp.u16<4>();
  if (in.failed() || (length != 0 && length < 8)) return false;
  if (length == 0) {
    view.odd = true;
  } else if (length - 8 < in.left()) {
    in.limit(length - 8);
    view.odd = true;
  } else if (length - 8 > in.left() && !view.fragment) {
    return false;
  }
  view.source_port = udp.u16<0>();
  view.target_port = udp.u16<2>();
  view.payload = in.rest();
  view.l4 = L4::kUdp;
  if (view.target_port == 0) view.odd = true;
  return true;
}

}  // namespace

bool parse_transport(Cursor& in, PacketView& view) {
  switch (view.proto) {
    case kProtoTcp:
      return parse_tcp(in, view);
    case kProtoUdp:
      return parse_udp(in, view);
    case kProtoIcmp:
    case kProtoIcmp6:
      if ((view.proto == kProtoIcmp6) == view.v6) return parse_icmp(in, view);
      view.odd = true;  // ICMP of the other family
      break;
    default:
      break;
  }
  view.payload = in.rest();
  return true;
}

}  // namespace wardline::packet
