#include "perf/dataplane/work/flow_frames.h"

#include <bit>
#include <cstring>

#include "dataplane/packet/checksum.h"
#include "dataplane/packet/packet_view.h"

namespace wardline::perf {
namespace {

using test::Bytes;
using test::FrameBuilder;

constexpr std::uint16_t kRtpPort = 5004, kVoicePort = 20000, kDicomPort = 104;
constexpr std::size_t kUdpChecksumAt = 6, kTcpChecksumAt = 16;

void put16(std::byte* at, std::uint16_t value) {
  at[0] = static_cast<std::byte>(value >> 8);
  at[1] = static_cast<std::byte>(value);
}

void put32(std::byte* at, std::uint32_t value) {
  put16(at, static_cast<std::uint16_t>(value >> 16));
  put16(at + 2, static_cast<std::uint16_t>(value));
}

void put_checksum(std::byte* at, std::uint64_t sum) {
  const auto checksum = static_cast<std::uint16_t>(~packet::fold_ones(sum));
  std::memcpy(at, &checksum, sizeof checksum);  // a sum of words as they lie in memory
}

// Version 2, a header extension of one word (RFC 8285), two bytes of sound: 22 bytes.
Bytes rtp() {
  return test::to_bytes(
      std::string_view("\x90\x78\x48\xb6\xd1\x7f\x3d\x75\x00\x1a\x7e\x73\xbe\xde\x00\x01\x10\x30\xa1\x79\x5a\x5a", 22));
}

// A-ASSOCIATE-RQ up to the application context (PS3.8 section 9.3.2).
Bytes associate() {
  std::string text("\x01\x00\x00\x00\x00\x5d\x00\x01\x00\x00", 10);
  text += "PACS1           CT1             ";
  text += std::string(32, '\0') + std::string("\x10\x00\x00\x15", 4) + "1.2.840.10008.3.1.1.1";
  return test::to_bytes(text);
}

}  // namespace

std::string FlowShape::name() const {
  return std::string(tcp ? "tcp" : "udp") + (v6 ? "6" : "4") + (vlan != 0 ? "-tagged" : "");
}

FlowFrames::FlowFrames(const FlowShape& shape, std::uint32_t devices)
    : shape_(shape),
      devices_(devices),
      ip_at_(shape.vlan != 0 ? 18 : 14),
      transport_at_(ip_at_ + (shape.v6 ? 40 : 20)) {
  if (shape.tcp) {
    const Bytes ten(10, std::byte{0x5a});
    add(Side::kDevice, between(Side::kDevice).sequence(2000).acknowledgement(7000).payload(ten), false);
    add(Side::kCore, between(Side::kCore).sequence(7000).acknowledgement(2000).payload(ten), false);
    add(Side::kDevice, between(Side::kDevice).flags(packet::kSyn).sequence(1000), true);
    add(Side::kCore, between(Side::kCore).flags(packet::kSyn | packet::kAck).sequence(6000).acknowledgement(1001),
        true);
    add(Side::kDevice, between(Side::kDevice).sequence(1001).acknowledgement(6001).payload(associate()), true);
  } else {
    add(Side::kDevice, between(Side::kDevice).payload(rtp()), false);
    add(Side::kCore, between(Side::kCore).payload(rtp()), false);
  }
  opening_.push_back(lasting(Side::kDevice));
  opening_.push_back(lasting(Side::kCore));
}

Mac FlowFrames::device_mac(std::uint32_t device) {
  return {{0x02, 0xd0, 0, static_cast<std::uint8_t>(device >> 16), static_cast<std::uint8_t>(device >> 8),
           static_cast<std::uint8_t>(device)}};
}

Address FlowFrames::device_address(std::uint32_t device) const {
  if (!shape_.v6) return Address::v4(0x0a140000 + device);  // 10.20.0.0/14: the zone `clinical` of the shipped site
  Address address = test::address("fd00::14:0:0");
  put32(reinterpret_cast<std::byte*>(&address.bytes[12]), device);
  return address;
}

FrameBuilder FlowFrames::between(Side from) const {
  // Of the shipped site: an archive, and servers of voice and video. No role names an IPv6 address there.
  const char* peer = shape_.v6      ? "fd00::50:1:10"
                     : shape_.tcp   ? "10.30.1.20"
                     : shape_.voice ? "10.40.1.50"
                                    : "10.50.1.10";
  const char* device = shape_.v6 ? "fd00::14:0:0" : "10.20.0.0";
  constexpr auto kDeviceMac = "02:d0:00:00:00:00", kGatewayMac = "02:00:00:00:00:fe";
  const bool out = from == Side::kDevice;
  FrameBuilder frame;
  frame.from(out ? kDeviceMac : kGatewayMac).to(out ? kGatewayMac : kDeviceMac);
  if (shape_.vlan != 0) frame.vlan(shape_.vlan);
  if (shape_.v6)
    frame.ipv6(out ? device : peer, out ? peer : device);
  else
    frame.ipv4(out ? device : peer, out ? peer : device);
  const auto server = shape_.tcp ? kDicomPort : shape_.voice ? kVoicePort : kRtpPort;
  const auto source = out ? kFirstPort : server, target = out ? server : kFirstPort;
  return shape_.tcp ? frame.tcp(source, target) : frame.udp(source, target);
}

void FlowFrames::add(Side side, const FrameBuilder& frame, bool opens) {
  if (opens) opening_.push_back({side, made_.size()});
  made_.push_back(frame.bytes());
}

std::span<const std::byte> FlowFrames::write(std::uint32_t flow, Step step, std::byte* room) const {
  const auto& made = made_[step.made];
  std::memcpy(room, made.data(), made.size());
  const bool out = step.side == Side::kDevice;
  const auto device = flow % devices_;
  const auto mac = device_mac(device);
  std::memcpy(room + (out ? 6 : 0), mac.bytes.data(), mac.bytes.size());
  std::byte* ip = room + ip_at_;
  const auto address = device_address(device);
  if (shape_.v6)
    std::memcpy(ip + (out ? 8 : 24), address.bytes.data(), 16);
  else
    std::memcpy(ip + (out ? 12 : 16), &address.bytes[12], 4);
  std::byte* transport = room + transport_at_;
  put16(transport + (out ? 0 : 2), static_cast<std::uint16_t>(kFirstPort + flow / devices_));

  const std::size_t addresses_at = shape_.v6 ? 8 : 12, addresses_size = shape_.v6 ? 32 : 8;
  if (!shape_.v6) {
    put16(ip + 10, 0);
    put_checksum(ip + 10, packet::add_ones({ip, 20}, 0));
  }
  const std::size_t length = made.size() - transport_at_;
  std::byte* checksum = transport + (shape_.tcp ? kTcpChecksumAt : kUdpChecksumAt);
  put16(checksum, 0);
  const std::uint16_t pseudo[] = {std::byteswap(static_cast<std::uint16_t>(length)),
                                  std::byteswap(std::uint16_t{shape_.tcp ? packet::kProtoTcp : packet::kProtoUdp})};
  auto sum = packet::add_ones(std::as_bytes(std::span(pseudo)), 0);
  sum = packet::add_ones({ip + addresses_at, addresses_size}, sum);
  put_checksum(checksum, packet::add_ones({transport, length}, sum));
  return {room, made.size()};
}

}  // namespace wardline::perf
