#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "dataplane/address.h"

namespace wardline::test {

using Bytes = std::vector<std::byte>;

Mac mac(std::string_view text);          // "02:00:00:00:00:01"
Address address(std::string_view text);  // "10.1.0.2" or "fd00::2"
Bytes to_bytes(std::string_view text);
std::string_view as_text(std::span<const std::byte> bytes);

// Builds one frame, with lengths and checksums that are right unless a `..._field` or `wrong_...` call says otherwise.
//
//   frame().from("02:00:00:00:00:01").to("02:00:00:00:00:02").vlan(410)
//          .ipv4("10.1.0.2", "10.2.0.9").tcp(1234, 443).flags(packet::kSyn).payload("hello").bytes()
//
// A builder is a value: copy it to make a variant. Not for the hot path; a malformed text argument throws.
class FrameBuilder {
 public:
  // --- Ethernet ---
  FrameBuilder& from(std::string_view text) { return from(mac(text)); }
  FrameBuilder& to(std::string_view text) { return to(mac(text)); }
  FrameBuilder& from(const Mac& source);
  FrameBuilder& to(const Mac& target);
  FrameBuilder& vlan(std::uint16_t vid, std::uint16_t tpid = 0x8100);  // each call adds an inner tag
  FrameBuilder& ethertype(std::uint16_t value);                        // over the one that the network layer gives
  FrameBuilder& llc(std::uint8_t dsap, std::uint8_t ssap, std::uint8_t control);  // an 802.3 length instead of a type
  FrameBuilder& snap(std::uint32_t oui, std::uint16_t protocol);                  // LLC aa-aa-03 and SNAP
  FrameBuilder& snap();                      // the same around the network layer, with its ethertype (RFC 1042)
  FrameBuilder& pad_to(std::size_t length);  // Ethernet padding (zero bytes); a wire frame has at least 60

  // --- network ---
  FrameBuilder& arp(std::uint16_t operation, std::string_view sender_ip,
                    std::string_view target_ip);  // sender MAC: from()
  FrameBuilder& ipv4(std::string_view source, std::string_view target);
  FrameBuilder& ipv6(std::string_view source, std::string_view target);
  FrameBuilder& ttl(std::uint8_t value);                   // or hop limit
  FrameBuilder& proto(std::uint8_t value);                 // where no transport below gives it
  FrameBuilder& ipv4_options(Bytes options);               // padded to a multiple of 4
  FrameBuilder& extension(std::uint8_t type, Bytes body);  // IPv6; `body` follows the two bytes next header and length
  FrameBuilder& fragment(std::uint16_t offset_bytes, bool more, std::uint16_t id = 1);
  FrameBuilder& total_length_field(std::uint16_t value);  // IPv4 total length or IPv6 payload length
  FrameBuilder& wrong_ip_checksum();

  // --- transport ---
  FrameBuilder& tcp(std::uint16_t source_port, std::uint16_t target_port);  // flags: ACK until flags() is called
  FrameBuilder& flags(std::uint8_t value);
  FrameBuilder& sequence(std::uint32_t value);
  FrameBuilder& acknowledgement(std::uint32_t value);
  FrameBuilder& window(std::uint16_t value);
  FrameBuilder& urgent(std::uint16_t value);
  FrameBuilder& tcp_options(Bytes options);  // padded to a multiple of 4
  FrameBuilder& data_offset_field(std::uint8_t words);
  FrameBuilder& udp(std::uint16_t source_port, std::uint16_t target_port);
  FrameBuilder& udp_length_field(std::uint16_t value);
  FrameBuilder& no_udp_checksum();
  FrameBuilder& icmp(std::uint8_t type, std::uint8_t code, std::uint32_t rest = 0);  // ICMPv6 after ipv6()
  FrameBuilder& echo_request(std::uint16_t id, std::uint16_t number);
  FrameBuilder& echo_reply(std::uint16_t id, std::uint16_t number);
  FrameBuilder& quoting(const FrameBuilder& other);  // the payload becomes that one's packet, from its IP header on
  FrameBuilder& wrong_transport_checksum();

  FrameBuilder& payload(std::string_view text);
  FrameBuilder& payload(Bytes bytes);

  Bytes bytes() const;   // the whole frame
  Bytes packet() const;  // from the network header on, without padding

 private:
  enum class Network : std::uint8_t { kNone, kArp, kIpv4, kIpv6 };
  enum class Transport : std::uint8_t { kNone, kTcp, kUdp, kIcmp };
  struct Tag {
    std::uint16_t vid, tpid;
  };

  Bytes link_header(std::size_t content_length) const;
  Bytes arp_packet() const;
  Bytes ipv4_header(std::size_t content_length) const;
  Bytes ipv6_header(std::size_t content_length) const;
  Bytes extensions() const;
  Bytes transport() const;
  Bytes tcp_segment() const;
  Bytes udp_datagram() const;
  Bytes icmp_message() const;
  void seal(Bytes& segment, std::size_t checksum_at, std::uint8_t protocol, bool pseudo_header) const;
  std::uint8_t transport_protocol() const;
  std::uint16_t network_ethertype() const;

  Mac source_mac_{{2, 0, 0, 0, 0, 1}}, target_mac_{{2, 0, 0, 0, 0, 2}};
  std::vector<Tag> tags_;
  std::optional<std::uint16_t> ethertype_;
  std::optional<Bytes> llc_;
  bool snap_around_network_ = false;
  std::size_t pad_to_ = 0;

  Network network_ = Network::kNone;
  Address source_, target_;
  std::uint16_t arp_operation_ = 1;
  std::uint8_t ttl_ = 64;
  std::optional<std::uint8_t> proto_;
  Bytes ipv4_options_;
  std::vector<std::pair<std::uint8_t, Bytes>> extensions_;
  std::uint16_t fragment_offset_ = 0, fragment_id_ = 0;
  bool fragmented_ = false, more_fragments_ = false;
  std::optional<std::uint16_t> total_length_;
  bool wrong_ip_checksum_ = false;

  Transport transport_ = Transport::kNone;
  std::uint16_t source_port_ = 0, target_port_ = 0, window_ = 65535, urgent_ = 0;
  std::uint8_t tcp_flags_ = 16;
  std::uint32_t sequence_ = 1, acknowledgement_ = 0;
  Bytes tcp_options_;
  std::optional<std::uint8_t> data_offset_;
  std::optional<std::uint16_t> udp_length_;
  bool no_udp_checksum_ = false, wrong_transport_checksum_ = false;
  std::uint8_t icmp_type_ = 0, icmp_code_ = 0;
  std::uint32_t icmp_rest_ = 0;
  Bytes payload_;
};

inline FrameBuilder frame() {
  return {};
}

}  // namespace wardline::test
