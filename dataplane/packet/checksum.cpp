#include "dataplane/packet/checksum.h"

#include "dataplane/packet/cursor.h"
#include "dataplane/packet/ip.h"
#include "dataplane/packet/packet_view.h"

namespace wardline::packet {
namespace {

struct Segment {
  std::span<const std::byte> bytes;  // transport header and payload; empty: cannot be told
};

// The view does not keep where its transport header begins: only the few packets whose payload is scanned need it.
// A source-routed packet is summed with the address of its last stop, which the view does not know.
Segment segment_of(const PacketView& view, std::span<const std::byte> frame) {
  const std::byte* const end = view.payload.data() + view.payload.size();
  constexpr std::size_t kPlainHeader = 20;
  const std::size_t plain_begin = view.network_offset + kPlainHeader;
  const bool plain = !view.v6 && frame.size() > plain_begin &&
                     static_cast<std::uint8_t>(frame[view.network_offset]) == 0x45;  // no options, as nearly always
  if (plain) {
    const auto length = static_cast<std::size_t>(end - (frame.data() + plain_begin));
    if (length <= frame.size() - plain_begin) return {frame.subspan(plain_begin, length)};
  }
  Cursor in(frame);
  in.skip(view.network_offset);
  if (view.v6) {
    const auto header = in.take<40>();
    const ExtensionChain chain = walk_extensions(in, header.u8<6>());
    if (!chain.readable || chain.source_routed) return {};
  } else {
    const auto header = in.take<20>();
    bool odd = false;
    if (source_routed(in.take((header.u8<0>() & 0xfu) * 4u - 20u), odd)) return {};
  }
  const std::byte* const begin = in.rest().data();
  in.limit(static_cast<std::size_t>(end - begin));
  return {in.rest()};
}

std::uint64_t add_pseudo_header(const PacketView& view, std::size_t length, std::uint64_t sum) {
  const auto add_address = [&](const Address& address) {
    constexpr std::size_t kV4 = 12;  // where those four bytes lie
    const auto bytes = std::as_bytes(std::span(address.bytes));
    if (view.v6) {
      sum = add_ones(bytes, sum);
    } else {
      std::uint32_t word;
      std::memcpy(&word, bytes.data() + kV4, sizeof word);
      sum += word;
    }
  };
  add_address(view.source);
  add_address(view.target);
  // Length and protocol, as the two words of 32 bits that they are in memory (RFC 8200, 8.1; RFC 768 alike).
  return sum + __builtin_bswap32(static_cast<std::uint32_t>(length)) + (std::uint64_t{view.proto} << 24);
}

}  // namespace

bool checksum_holds(const PacketView& view, std::span<const std::byte> frame) {
  const bool has_checksum = view.shape == Shape::kIp && (view.l4 == L4::kTcp || view.l4 == L4::kUdp);
  if (!has_checksum || view.fragment) return true;
  const Segment segment = segment_of(view, frame);
  if (segment.bytes.empty()) return true;
  if (view.l4 == L4::kUdp) {
    const bool absent = Cursor(segment.bytes).take<8>().u16<6>() == 0;
    if (absent) return !view.v6;  // IPv6 receivers discard it (RFC 8200, 8.1)
  }
  return fold_ones(add_pseudo_header(view, segment.bytes.size(), add_ones(segment.bytes, 0))) == 0xffff;
}

}  // namespace wardline::packet
