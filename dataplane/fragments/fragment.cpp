#include "dataplane/fragments/fragment.h"

#include <algorithm>

#include "dataplane/packet/checksum.h"
#include "dataplane/packet/cursor.h"
#include "dataplane/packet/ip.h"

namespace wardline::fragments {
namespace {

using packet::Cursor;

constexpr std::uint8_t kFragmentHeader = 44, kAuthentication = 51;
constexpr std::size_t kFragmentHeaderLength = 8, kIpv6Header = 40;

std::optional<Fragment> read_v4(std::size_t network_offset, std::span<const std::byte> frame) {
  const auto packet = frame.subspan(network_offset);
  Cursor in(packet);
  const auto header = in.take<20>();
  const std::size_t header_length = (header.u8<0>() & 0xfu) * 4;
  const std::size_t said = header.u16<2>();
  const std::size_t total = said == 0 ? packet.size() : said;  // 0: cut into segments after the capture point
  if (in.failed() || header_length < 20 || total < header_length || total > packet.size()) return std::nullopt;
  const auto field = header.u16<6>();
  return Fragment{.id = header.u16<4>(),
                  .offset = (field & 0x1fffu) * 8u,
                  .more = (field & 0x2000) != 0,
                  .proto = header.u8<9>(),
                  .headers_end = network_offset + header_length,
                  .data = packet.subspan(header_length, total - header_length)};
}

std::optional<Fragment> read_v6(std::size_t network_offset, std::span<const std::byte> frame) {
  Cursor in(frame.subspan(network_offset));
  const auto header = in.take<kIpv6Header>();
  if (const auto length = header.u16<4>(); length != 0) in.limit(length);
  std::uint8_t next = header.u8<6>();
  std::size_t next_at = network_offset + 6, at = network_offset + kIpv6Header;
  for (int count = 0; next != kFragmentHeader && count < packet::kMaxExtensions && !in.failed(); ++count) {
    const auto extension = in.take<2>();
    const bool authentication = next == kAuthentication;  // its length counts words of four bytes (RFC 4302, 2.2)
    const std::size_t length = authentication ? (extension.u8<1>() + 2u) * 4u : (extension.u8<1>() + 1u) * 8u;
    in.skip(length - 2);
    next = extension.u8<0>();
    next_at = at;
    at += length;
  }
  const auto fragment = in.take<kFragmentHeaderLength>();
  if (in.failed() || next != kFragmentHeader) return std::nullopt;
  const auto field = fragment.u16<2>();
  return Fragment{.id = fragment.u32<4>(),
                  .offset = field & 0xfff8u,
                  .more = (field & 1) != 0,
                  .proto = fragment.u8<0>(),
                  .headers_end = at,
                  .next_header_at = next_at,
                  .data = in.rest()};
}

void put16(std::span<std::byte> at, std::size_t value) {
  at[0] = std::byte(value >> 8 & 0xff);
  at[1] = std::byte(value & 0xff);
}

}  // namespace

std::optional<Fragment> read_fragment(const packet::PacketView& view, std::span<const std::byte> frame) {
  if (view.network_offset > frame.size()) return std::nullopt;
  return view.v6 ? read_v6(view.network_offset, frame) : read_v4(view.network_offset, frame);
}

std::optional<std::size_t> write_whole_headers(const packet::PacketView& first_view, const Fragment& first,
                                               std::span<const std::byte> first_frame, std::size_t data_length,
                                               std::span<std::byte> room) {
  // Addresses, tags as they came, and the ethertype: an LLC header would say how long the one frame was.
  const std::size_t tags_end = 12 + 4u * first_view.tag_count;
  const std::size_t network = first_view.network_offset;
  const auto ip_headers = first_frame.subspan(network, first.headers_end - network);
  const std::size_t link = tags_end + 2, headers = link + ip_headers.size();
  const std::size_t counted = first_view.v6 ? ip_headers.size() - kIpv6Header : ip_headers.size();
  if (counted + data_length > kLongestPacket || headers + data_length > room.size()) return std::nullopt;
  std::ranges::copy(first_frame.first(tags_end), room.begin());
  put16(room.subspan(tags_end), first_view.v6 ? 0x86dd : 0x0800);
  std::ranges::copy(ip_headers, room.begin() + static_cast<std::ptrdiff_t>(link));
  const auto ip = room.subspan(link, ip_headers.size());
  if (first_view.v6) {
    put16(ip.subspan(4), counted + data_length);
    ip[first.next_header_at - network] = std::byte{first.proto};
    return headers;
  }
  put16(ip.subspan(2), counted + data_length);
  put16(ip.subspan(6), 0);
  put16(ip.subspan(10), 0);
  const std::uint16_t sum = static_cast<std::uint16_t>(~packet::ones_sum(ip));
  std::memcpy(ip.data() + 10, &sum, sizeof sum);  // made in memory's byte order, as ones_sum says
  return headers;
}

}  // namespace wardline::fragments
