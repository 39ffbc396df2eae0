#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dataplane/address.h"
#include "dataplane/batch.h"
#include "tests/unit/packet_builder.h"

namespace wardline::perf {

// What kind of flows: RTP datagrams of 22 bytes (a bulk application: proved by the first one each way, then settled) or
// DICOM associations (an essential flow of the shipped policy).
struct FlowShape {
  bool v6 = false, tcp = false;
  std::uint16_t vlan = 0;  // 0: no tag
  bool voice = false;      // UDP over IPv4 with the voice server, as telephones may; else with the video server
  std::string name() const;
};

// Frames of flows that follow from their number: flow i belongs to device i % devices and port kFirstPort + i /
// devices, with one peer. Checksums are right. Frames are written by patching a few made ones, so that writing them is
// cheap.
class FlowFrames {
 public:
  static constexpr std::uint16_t kFirstPort = 2048;
  static constexpr std::size_t kRoom = 320;  // of the longest frame

  FlowFrames(const FlowShape& shape, std::uint32_t devices);

  std::uint32_t devices() const { return devices_; }
  static Mac device_mac(std::uint32_t device);
  Address device_address(std::uint32_t device) const;

  // What settles the flow, in order, and then what it sends for ever.
  struct Step {
    Side side;
    std::size_t made;  // which of `made_`
  };
  std::span<const Step> opening() const { return opening_; }
  Step lasting(Side side) const { return {side, side == Side::kDevice ? 0U : 1U}; }

  // Writes into `room` (kRoom bytes) and gives the frame.
  std::span<const std::byte> write(std::uint32_t flow, Step step, std::byte* room) const;

 private:
  test::FrameBuilder between(Side from) const;
  void add(Side side, const test::FrameBuilder& frame, bool opens);

  FlowShape shape_;
  std::uint32_t devices_;
  std::size_t ip_at_, transport_at_;
  std::vector<test::Bytes> made_;
  std::vector<Step> opening_;
};

}  // namespace wardline::perf
