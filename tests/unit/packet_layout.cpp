// How a FrameBuilder lays its frame out on the wire.
#include <algorithm>

#include "tests/unit/packet_builder.h"

namespace wardline::test {
namespace {

void put8(Bytes& out, unsigned value) {
  out.push_back(static_cast<std::byte>(value));
}
void put16(Bytes& out, unsigned value) {
  put8(out, value >> 8 & 0xff);
  put8(out, value & 0xff);
}
void put32(Bytes& out, std::uint32_t value) {
  put16(out, value >> 16);
  put16(out, value & 0xffff);
}
void put(Bytes& out, std::span<const std::byte> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}
void put(Bytes& out, const Mac& mac) {
  put(out, std::as_bytes(std::span(mac.bytes)));
}
void put(Bytes& out, const Address& address, bool v6) {
  const auto all = std::as_bytes(std::span(address.bytes));
  put(out, v6 ? all : all.last(4));
}
void set16(Bytes& out, std::size_t at, unsigned value) {
  out[at] = static_cast<std::byte>(value >> 8 & 0xff);
  out[at + 1] = static_cast<std::byte>(value & 0xff);
}

// The Internet checksum (RFC 1071), written byte by byte so that it shares nothing with the code under test.
std::uint16_t internet_checksum(std::span<const std::byte> bytes) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum += std::to_integer<std::uint64_t>(bytes[i]) << (i % 2 == 0 ? 8 : 0);
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

}  // namespace

Bytes FrameBuilder::bytes() const {
  const Bytes content = packet();
  Bytes out = link_header(content.size());
  put(out, content);
  out.resize(std::max(out.size(), pad_to_));
  return out;
}

Bytes FrameBuilder::packet() const {
  if (network_ == Network::kArp) return arp_packet();
  const Bytes above = transport();
  Bytes out;
  if (network_ == Network::kIpv4) out = ipv4_header(above.size());
  if (network_ == Network::kIpv6) out = ipv6_header(above.size());
  put(out, above);
  return out;
}

Bytes FrameBuilder::link_header(std::size_t content_length) const {
  Bytes out;
  put(out, target_mac_);
  put(out, source_mac_);
  for (const Tag& tag : tags_) {
    put16(out, tag.tpid);
    put16(out, tag.vid);
  }
  Bytes llc = llc_.value_or(Bytes{});
  if (snap_around_network_) {
    for (const unsigned byte : {0xaa, 0xaa, 0x03, 0, 0, 0}) put8(llc, byte);
    put16(llc, network_ethertype());
  }
  const bool has_llc = llc_ || snap_around_network_;
  const auto type = has_llc ? static_cast<std::uint16_t>(llc.size() + content_length) : network_ethertype();
  put16(out, ethertype_.value_or(type));
  put(out, llc);
  return out;
}

std::uint16_t FrameBuilder::network_ethertype() const {
  switch (network_) {
    case Network::kArp:
      return 0x0806;
    case Network::kIpv4:
      return 0x0800;
    case Network::kIpv6:
      return 0x86dd;
    case Network::kNone:
      break;
  }
  return 0x88b5;  // local experimental (IEEE 802)
}

Bytes FrameBuilder::arp_packet() const {
  Bytes out;
  put16(out, 1);
  put16(out, 0x0800);
  put8(out, 6);
  put8(out, 4);
  put16(out, arp_operation_);
  put(out, source_mac_);
  put(out, source_, false);
  put(out, arp_operation_ == 1 ? Mac{} : target_mac_);
  put(out, target_, false);
  return out;
}

Bytes FrameBuilder::ipv4_header(std::size_t content_length) const {
  const std::size_t header_length = 20 + ipv4_options_.size();
  Bytes out;
  put8(out, 0x40 | static_cast<unsigned>(header_length / 4));
  put8(out, 0);
  put16(out, total_length_.value_or(static_cast<std::uint16_t>(header_length + content_length)));
  put16(out, fragment_id_);
  put16(out, (more_fragments_ ? 0x2000u : 0u) | fragment_offset_);
  put8(out, ttl_);
  put8(out, transport_protocol());
  put16(out, 0);
  put(out, source_, false);
  put(out, target_, false);
  put(out, ipv4_options_);
  const unsigned sum = internet_checksum(out);
  set16(out, 10, wrong_ip_checksum_ ? sum ^ 0x5555 : sum);
  return out;
}

Bytes FrameBuilder::ipv6_header(std::size_t content_length) const {
  const Bytes chain = extensions();
  const unsigned first = !extensions_.empty() ? extensions_.front().first : fragmented_ ? 44u : transport_protocol();
  Bytes out;
  put32(out, 0x60000000);
  put16(out, total_length_.value_or(static_cast<std::uint16_t>(chain.size() + content_length)));
  put8(out, first);
  put8(out, ttl_);
  put(out, source_, true);
  put(out, target_, true);
  put(out, chain);
  return out;
}

// Each extension header gives the type of the next; a fragment header comes last (RFC 8200, 4.1 and 4.5).
Bytes FrameBuilder::extensions() const {
  Bytes out;
  for (std::size_t i = 0; i < extensions_.size(); ++i) {
    const auto& [type, body] = extensions_[i];
    const bool last = i + 1 == extensions_.size();
    Bytes header;
    put8(header, !last ? extensions_[i + 1].first : fragmented_ ? 44u : transport_protocol());
    put8(header, 0);
    put(header, body);
    const bool authentication = type == 51;  // its length counts words of four bytes, minus two (RFC 4302, 2.2)
    const std::size_t unit = authentication ? 4 : 8;
    header.resize((header.size() + unit - 1) / unit * unit);
    header[1] = static_cast<std::byte>(authentication ? header.size() / 4 - 2 : header.size() / 8 - 1);
    put(out, header);
  }
  if (fragmented_) {
    put8(out, transport_protocol());
    put8(out, 0);
    put16(out, static_cast<unsigned>(fragment_offset_ << 3) | (more_fragments_ ? 1u : 0u));
    put32(out, fragment_id_);
  }
  return out;
}

std::uint8_t FrameBuilder::transport_protocol() const {
  if (proto_) return *proto_;
  switch (transport_) {
    case Transport::kTcp:
      return 6;
    case Transport::kUdp:
      return 17;
    case Transport::kIcmp:
      return network_ == Network::kIpv6 ? 58 : 1;
    case Transport::kNone:
      break;
  }
  return 253;  // experimental (RFC 3692); IPv6's 59 would mean no next header
}

Bytes FrameBuilder::transport() const {
  switch (transport_) {
    case Transport::kTcp:
      return tcp_segment();
    case Transport::kUdp:
      return udp_datagram();
    case Transport::kIcmp:
      return icmp_message();
    case Transport::kNone:
      break;
  }
  return payload_;
}

Bytes FrameBuilder::tcp_segment() const {
  Bytes out;
  put16(out, source_port_);
  put16(out, target_port_);
  put32(out, sequence_);
  put32(out, acknowledgement_);
  put8(out, static_cast<unsigned>(data_offset_.value_or(static_cast<std::uint8_t>(5 + tcp_options_.size() / 4)) << 4));
  put8(out, tcp_flags_);
  put16(out, window_);
  put16(out, 0);
  put16(out, urgent_);
  put(out, tcp_options_);
  put(out, payload_);
  seal(out, 16, 6, true);
  return out;
}

Bytes FrameBuilder::udp_datagram() const {
  Bytes out;
  put16(out, source_port_);
  put16(out, target_port_);
  put16(out, udp_length_.value_or(static_cast<std::uint16_t>(8 + payload_.size())));
  put16(out, 0);
  put(out, payload_);
  if (!no_udp_checksum_) seal(out, 6, 17, true);
  return out;
}

Bytes FrameBuilder::icmp_message() const {
  Bytes out;
  put8(out, icmp_type_);
  put8(out, icmp_code_);
  put16(out, 0);
  put32(out, icmp_rest_);
  put(out, payload_);
  const bool v6 = network_ == Network::kIpv6;
  seal(out, 2, v6 ? 58 : 1, v6);
  return out;
}

// Writes the checksum of a transport segment. In UDP a computed 0 is sent as 0xffff (RFC 768).
void FrameBuilder::seal(Bytes& segment, std::size_t checksum_at, std::uint8_t protocol, bool pseudo_header) const {
  Bytes summed;
  if (pseudo_header) {
    const bool v6 = network_ == Network::kIpv6;
    put(summed, source_, v6);
    put(summed, target_, v6);
    put32(summed, static_cast<std::uint32_t>(segment.size()));
    put32(summed, protocol);
  }
  put(summed, segment);
  unsigned sum = internet_checksum(summed);
  if (protocol == 17 && sum == 0) sum = 0xffff;
  set16(segment, checksum_at, wrong_transport_checksum_ ? sum ^ 0x5555 : sum);
}

}  // namespace wardline::test
