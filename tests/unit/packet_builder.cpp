#include "tests/unit/packet_builder.h"

#include <arpa/inet.h>

#include <charconv>
#include <stdexcept>
#include <string>

namespace wardline::test {
namespace {

Bytes padded_to_words(Bytes bytes) {
  bytes.resize((bytes.size() + 3) / 4 * 4);
  return bytes;
}

}  // namespace

Mac mac(std::string_view text) {
  Mac result;
  if (text.size() != 17) throw std::invalid_argument("not a MAC: " + std::string(text));
  for (std::size_t i = 0; i < 6; ++i) {
    const char* first = text.data() + 3 * i;
    if (std::from_chars(first, first + 2, result.bytes[i], 16).ptr != first + 2) {
      throw std::invalid_argument("not a MAC: " + std::string(text));
    }
  }
  return result;
}

Address address(std::string_view text) {
  const std::string copy(text);
  Address result;
  in_addr v4{};
  if (inet_pton(AF_INET, copy.c_str(), &v4) == 1) return Address::v4(ntohl(v4.s_addr));
  if (inet_pton(AF_INET6, copy.c_str(), result.bytes.data()) == 1) return result;
  throw std::invalid_argument("not an IP address: " + copy);
}

Bytes to_bytes(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

FrameBuilder& FrameBuilder::from(const Mac& source) {
  return source_mac_ = source, *this;
}
FrameBuilder& FrameBuilder::to(const Mac& target) {
  return target_mac_ = target, *this;
}
FrameBuilder& FrameBuilder::vlan(std::uint16_t vid, std::uint16_t tpid) {
  return tags_.push_back({vid, tpid}), *this;
}
FrameBuilder& FrameBuilder::ethertype(std::uint16_t value) {
  return ethertype_ = value, *this;
}
FrameBuilder& FrameBuilder::pad_to(std::size_t length) {
  return pad_to_ = length, *this;
}
FrameBuilder& FrameBuilder::snap() {
  return snap_around_network_ = true, *this;
}

FrameBuilder& FrameBuilder::llc(std::uint8_t dsap, std::uint8_t ssap, std::uint8_t control) {
  llc_ = Bytes{std::byte{dsap}, std::byte{ssap}, std::byte{control}};
  return *this;
}

FrameBuilder& FrameBuilder::snap(std::uint32_t oui, std::uint16_t protocol) {
  llc(0xaa, 0xaa, 0x03);
  for (const std::uint32_t value : {oui >> 16, oui >> 8, oui, std::uint32_t{protocol} >> 8, std::uint32_t{protocol}}) {
    llc_->push_back(static_cast<std::byte>(value & 0xff));
  }
  return *this;
}

FrameBuilder& FrameBuilder::arp(std::uint16_t operation, std::string_view sender_ip, std::string_view target_ip) {
  network_ = Network::kArp;
  arp_operation_ = operation;
  source_ = address(sender_ip);
  target_ = address(target_ip);
  return *this;
}

FrameBuilder& FrameBuilder::ipv4(std::string_view source, std::string_view target) {
  network_ = Network::kIpv4;
  source_ = address(source);
  target_ = address(target);
  return *this;
}

FrameBuilder& FrameBuilder::ipv6(std::string_view source, std::string_view target) {
  network_ = Network::kIpv6;
  source_ = address(source);
  target_ = address(target);
  return *this;
}

FrameBuilder& FrameBuilder::ttl(std::uint8_t value) {
  return ttl_ = value, *this;
}
FrameBuilder& FrameBuilder::proto(std::uint8_t value) {
  return proto_ = value, *this;
}
FrameBuilder& FrameBuilder::ipv4_options(Bytes options) {
  return ipv4_options_ = padded_to_words(std::move(options)), *this;
}
FrameBuilder& FrameBuilder::extension(std::uint8_t type, Bytes body) {
  return extensions_.emplace_back(type, std::move(body)), *this;
}
FrameBuilder& FrameBuilder::fragment(std::uint16_t offset_bytes, bool more, std::uint16_t id) {
  fragmented_ = true;
  fragment_offset_ = offset_bytes / 8;
  more_fragments_ = more;
  fragment_id_ = id;
  return *this;
}
FrameBuilder& FrameBuilder::total_length_field(std::uint16_t value) {
  return total_length_ = value, *this;
}
FrameBuilder& FrameBuilder::wrong_ip_checksum() {
  return wrong_ip_checksum_ = true, *this;
}

FrameBuilder& FrameBuilder::tcp(std::uint16_t source_port, std::uint16_t target_port) {
  transport_ = Transport::kTcp;
  source_port_ = source_port;
  target_port_ = target_port;
  return *this;
}
FrameBuilder& FrameBuilder::flags(std::uint8_t value) {
  return tcp_flags_ = value, *this;
}
FrameBuilder& FrameBuilder::sequence(std::uint32_t value) {
  return sequence_ = value, *this;
}
FrameBuilder& FrameBuilder::acknowledgement(std::uint32_t value) {
  return acknowledgement_ = value, *this;
}
FrameBuilder& FrameBuilder::window(std::uint16_t value) {
  return window_ = value, *this;
}
FrameBuilder& FrameBuilder::urgent(std::uint16_t value) {
  return urgent_ = value, *this;
}
FrameBuilder& FrameBuilder::tcp_options(Bytes options) {
  return tcp_options_ = padded_to_words(std::move(options)), *this;
}
FrameBuilder& FrameBuilder::data_offset_field(std::uint8_t words) {
  return data_offset_ = words, *this;
}

FrameBuilder& FrameBuilder::udp(std::uint16_t source_port, std::uint16_t target_port) {
  transport_ = Transport::kUdp;
  source_port_ = source_port;
  target_port_ = target_port;
  return *this;
}
FrameBuilder& FrameBuilder::udp_length_field(std::uint16_t value) {
  return udp_length_ = value, *this;
}
FrameBuilder& FrameBuilder::no_udp_checksum() {
  return no_udp_checksum_ = true, *this;
}

FrameBuilder& FrameBuilder::icmp(std::uint8_t type, std::uint8_t code, std::uint32_t rest) {
  transport_ = Transport::kIcmp;
  icmp_type_ = type;
  icmp_code_ = code;
  icmp_rest_ = rest;
  return *this;
}
FrameBuilder& FrameBuilder::echo_request(std::uint16_t id, std::uint16_t number) {
  return icmp(network_ == Network::kIpv6 ? 128 : 8, 0, std::uint32_t{id} << 16 | number);
}
FrameBuilder& FrameBuilder::echo_reply(std::uint16_t id, std::uint16_t number) {
  return icmp(network_ == Network::kIpv6 ? 129 : 0, 0, std::uint32_t{id} << 16 | number);
}
FrameBuilder& FrameBuilder::quoting(const FrameBuilder& other) {
  return payload(other.packet());
}
FrameBuilder& FrameBuilder::wrong_transport_checksum() {
  return wrong_transport_checksum_ = true, *this;
}
FrameBuilder& FrameBuilder::payload(std::string_view text) {
  return payload(to_bytes(text));
}
FrameBuilder& FrameBuilder::payload(Bytes bytes) {
  return payload_ = std::move(bytes), *this;
}

}  // namespace wardline::test
