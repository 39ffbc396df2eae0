// A segment behind a router: devices are told by address there, and the DHCP server says whose an address is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "tests/unit/controlplane/appliance/hand_made.h"

namespace wardline::appliance {
namespace {

constexpr std::uint8_t kDevice = 11;  // 10.20.0.11
const Mac kBraun{{0x00, 0x12, 0x21, 0, 0, 1}}, kIcuMedical{{0x00, 0x03, 0xb1, 0, 0, 1}};

// A DHCPACK that gives 10.20.0.11 to `client`, as a server sends it to the relay.
FrameCopy ack_for(const Mac& client) {
  constexpr std::size_t kBootp = 14 + 20 + 8;
  std::string frame(kBootp + 240, '\0');
  const auto put = [&](std::size_t at, const std::string& bytes) { frame.replace(at, bytes.size(), bytes); };
  put(0, std::string("\x02\x00\x00\x00\x00\xfe\x02\x00\x00\x00\x00\xfd\x08\x00", 14));
  put(kBootp, "\x02\x01\x06");
  put(kBootp + 16, std::string("\x0a\x14\x00\x0b", 4));
  put(kBootp + 24, std::string("\x0a\x14\x00\x01", 4));
  put(kBootp + 28, std::string(reinterpret_cast<const char*>(client.bytes.data()), 6));
  put(kBootp + 236, "\x63\x82\x53\x63");
  frame += "\x35\x01\x05\xff";
  const auto ip = frame.size() - 14, udp = ip - 20;
  put(14, std::string("\x45\x00", 2) + static_cast<char>(ip >> 8) + static_cast<char>(ip & 0xff));
  put(22, "\x40\x11");
  put(26, std::string("\x0a\x28\x00\x02\x0a\x14\x00\x01", 8));
  put(34, std::string("\x00\x43\x00\x43", 4) + static_cast<char>(udp >> 8) + static_cast<char>(udp & 0xff));
  FrameCopy copy;
  copy.side = Side::kCore;
  copy.segment = HandMade::kRooms;
  copy.device_mac = Mac{{2, 0, 0, 0, 0, 0xfe}};  // the relay's
  copy.length = static_cast<std::uint16_t>(frame.size());
  std::memcpy(copy.bytes.data(), frame.data(), frame.size());
  return copy;
}

struct RoutedSegment : testing::Test {
  RoutedSegment() {
    auto policy = site.policy();
    policy->plain.segments[HandMade::kRooms].identify_by_ip = true;
    site.use(std::move(policy));
    site.put(site.event(EventKind::kDeviceSeen, kDevice));
    site.drain();
  }
  void lease_to(const Mac& client) {
    site.put(ack_for(client));
    site.drain();
  }
  const inventory::Device& device() const { return *site.appliance->device("dev-10.20.0.11"); }
  std::vector<std::string> values_of(std::string_view attribute) const {
    std::vector<std::string> values;
    for (const auto& each : device().evidence)
      if (each.attribute == attribute) values.push_back(each.value);
    return values;
  }

  HandMade site;
};

TEST_F(RoutedSegment, TheServerSaysWhoseMacBehindTheRouterIs) {
  lease_to(kBraun);
  EXPECT_THAT(values_of("dhcp.lease_mac"), testing::ElementsAre("00:12:21:00:00:01"));
  EXPECT_THAT(values_of("expects"), testing::Not(testing::IsEmpty()));
}

TEST_F(RoutedSegment, ARenewalChangesNothing) {
  lease_to(kBraun);
  lease_to(kBraun);
  EXPECT_EQ(values_of("dhcp.lease_mac").size(), 1U);
}

TEST_F(RoutedSegment, AnotherHolderOfTheLeaseIsAnotherDevice) {
  lease_to(kBraun);
  lease_to(kIcuMedical);
  EXPECT_THAT(values_of("dhcp.lease_mac"), testing::ElementsAre("00:03:b1:00:00:01"));
  EXPECT_EQ(device().former_class, "");
  EXPECT_THAT(values_of("expects"), testing::Not(testing::IsEmpty())) << "it stands where the other stood";
}

// What the former machine did is not the next one's; what a person said of the address stays.
TEST_F(RoutedSegment, AnotherHolderIsNotInTheFormerOnesQuarantine) {
  lease_to(kBraun);
  const auto slot = device().slot;
  site.slots->update(slot, [](enforce::SlotWord& word) {
    word.quarantine = enforce::Profile::kIsolate;
    return true;
  });
  auto quarantined = site.event(EventKind::kQuarantined, kDevice);
  quarantined.slot = slot;
  site.put(quarantined);
  site.drain();
  ASSERT_EQ(site.records("quarantine").size(), 1U);
  lease_to(kBraun);
  EXPECT_EQ(site.slots->word(slot).quarantine, enforce::Profile::kIsolate);
  lease_to(kIcuMedical);
  EXPECT_EQ(site.slots->word(slot).quarantine, enforce::Profile::kNone);
  site.ask(R"({"op":"quarantine.add","device":"dev-10.20.0.11","profile":"contain","reason":"ticket"})");
  lease_to(kBraun);
  EXPECT_EQ(site.slots->word(slot).quarantine, enforce::Profile::kContain);
}

}  // namespace
}  // namespace wardline::appliance
