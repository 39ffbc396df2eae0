#include "dataplane/packet/ip.h"

#include "dataplane/packet/checksum.h"
#include "dataplane/packet/l4.h"

namespace wardline::packet {
namespace {

constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kFragment = 44, kAuthentication = 51, kDestinationOptions = 60;
constexpr std::uint32_t kMaxIpPacket = 65535;

// Fills the view from what follows the network headers.
void parse_above(Cursor& in, PacketView& view) {
  if (view.fragment && !view.first_fragment) {
    view.payload = in.rest();
  } else if (!parse_transport(in, view)) {
    return;
  }
  view.shape = Shape::kIp;
}

// Fragment offset and flags of IPv4 (RFC 791, 3.1). `length` is that of the data this fragment brings.
void note_fragment(std::uint16_t field, std::size_t length, PacketView& view) {
  const std::uint32_t offset = (field & 0x1fffu) * 8;
  const bool more = (field & 0x2000) != 0;
  if ((field & 0x8000) != 0) view.odd = true;  // reserved
  if (offset == 0 && !more) return;
  view.fragment = true;
  view.first_fragment = offset == 0;
  // Data beyond the largest packet, a piece that is no multiple of 8, and the piece that would overwrite TCP's flags
  // (RFC 3128).
  if (offset + length > kMaxIpPacket || (more && length % 8 != 0) || offset == 8) view.odd = true;
}

// One extension header with its length in units of 8 bytes, the first not counted.
std::uint8_t skip_options_header(Cursor& in) {
  const auto header = in.take<2>();
  in.skip(6u + header.u8<1>() * 8u);
  return header.u8<0>();
}

std::uint8_t skip_routing(Cursor& in, ExtensionChain& chain) {
  const auto header = in.take<4>();
  in.skip(4u + header.u8<1>() * 8u);
  if (header.u8<3>() != 0) chain.source_routed = chain.odd = true;  // segments left
  return header.u8<0>();
}

// RFC 4302, 2.2: the length counts words of 4 bytes, minus 2.
std::uint8_t skip_authentication(Cursor& in) {
  const auto header = in.take<4>();
  in.skip(4u + header.u8<1>() * 4u);
  return header.u8<0>();
}

// A fragment header that says "whole packet" makes an atomic fragment: no fragment at all (RFC 6946).
std::uint8_t note_fragment_header(Cursor& in, ExtensionChain& chain) {
  const auto header = in.take<8>();
  const std::uint16_t field = header.u16<2>();
  const bool first = (field & 0xfff8) == 0, more = (field & 1) != 0;
  const bool second_header = chain.fragment;
  if (first && !more) {
    chain.odd = true;
    return header.u8<0>();
  }
  chain.first_fragment = first && (!second_header || chain.first_fragment);
  chain.fragment = true;
  const bool ragged = more && in.left() % 8 != 0;
  if (second_header || ragged || (field & 0xfff8u) + in.left() > kMaxIpPacket) chain.odd = true;
  return header.u8<0>();
}

}  // namespace

ExtensionChain walk_extensions(Cursor& in, std::uint8_t first) {
  ExtensionChain chain{.proto = first};
  for (int count = 0; !in.failed(); ++count) {
    const bool in_later_fragment = chain.fragment && !chain.first_fragment;
    const bool extension = chain.proto == kHopByHop || chain.proto == kRouting || chain.proto == kFragment ||
                           chain.proto == kAuthentication || chain.proto == kDestinationOptions;
    if (!extension || in_later_fragment) {
      chain.readable = true;
      break;
    }
    if (count == kMaxExtensions) break;
    if (chain.proto == kHopByHop && count > 0) chain.odd = true;  // must come first (RFC 8200, 4.1)
    switch (chain.proto) {
      case kRouting:
        chain.proto = skip_routing(in, chain);
        break;
      case kFragment:
        chain.proto = note_fragment_header(in, chain);
        break;
      case kAuthentication:
        chain.proto = skip_authentication(in);
        break;
      default:
        chain.proto = skip_options_header(in);
        break;
    }
  }
  return chain;
}

bool source_routed(std::span<const std::byte> options, bool& odd) {
  Cursor in(options);
  while (in.left() > 0) {
    const std::uint8_t type = in.u8();
    if (type == 0) break;     // end of list
    if (type == 1) continue;  // no operation
    const std::uint8_t length = in.u8();
    if (length < 2) {
      odd = true;
      return false;
    }
    in.skip(length - 2u);
    if (type == 131 || type == 137) {
      odd = true;
      return true;
    }
  }
  if (in.failed()) odd = true;
  return false;
}

void parse_ipv4(Cursor& in, PacketView& view) {
  const std::span<const std::byte> packet = in.rest();
  const auto header = in.take<20>();
  const std::size_t header_length = (header.u8<0>() & 0xfu) * 4;
  if (in.failed() || header.u8<0>() >> 4 != 4 || header_length < 20) return;

  // A total length of 0 is seen where the sender's card cuts large segments after the capture point (TSO).
  std::size_t total = header.u16<2>();
  if (total == 0) {
    total = packet.size();
    view.odd = true;
  }
  if (total < header_length) return;
  in.limit(total - 20);
  const std::span<const std::byte> options = in.take(header_length - 20);
  if (in.failed()) return;
  if (!options.empty()) source_routed(options, view.odd);

  view.proto = header.u8<9>();
  view.hop_limit = header.u8<8>();
  set_mapped_v4(view.source, header.bytes().subspan<12, 4>());
  set_mapped_v4(view.target, header.bytes().subspan<16, 4>());
  if (view.hop_limit == 0 || ones_sum(packet.first(header_length)) != 0xffff) view.odd = true;
  note_fragment(header.u16<6>(), in.left(), view);
  parse_above(in, view);
}

void parse_ipv6(Cursor& in, PacketView& view) {
  view.v6 = true;
  const auto header = in.take<40>();
  if (in.failed() || header.u8<0>() >> 4 != 6) return;
  // A payload length of 0 with a payload: a jumbogram (RFC 2675) or, like IPv4's, cut after the capture point.
  constexpr std::uint8_t kNoNextHeader = 59;
  const std::uint16_t length = header.u16<4>();
  if (length == 0 && header.u8<6>() != kNoNextHeader) {
    view.odd = true;
  } else {
    in.limit(length);
  }
  view.hop_limit = header.u8<7>();
  header.copy<8, 16>(view.source.bytes.data());
  header.copy<24, 16>(view.target.bytes.data());
  if (view.hop_limit == 0 || view.source.is_v4() || view.target.is_v4()) view.odd = true;

  const ExtensionChain chain = walk_extensions(in, header.u8<6>());
  if (!chain.readable) return;
  view.proto = chain.proto;
  view.odd |= chain.odd;
  view.fragment = chain.fragment;
  view.first_fragment = chain.first_fragment;
  parse_above(in, view);
}

}  // namespace wardline::packet
