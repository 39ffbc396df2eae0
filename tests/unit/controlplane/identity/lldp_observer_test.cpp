#include <gmock/gmock.h>

#include "captured.h"
#include "observed.h"
#include "wire_bytes.h"

namespace wardline::identity {
namespace {

using namespace test;
using namespace std::string_literals;
using testing::ElementsAre;

std::string field(unsigned type, const std::string& value) {
  return u16(type << 9 | static_cast<unsigned>(value.size())) + value;
}

const std::string kPhone = field(1, "\x04\x00\x11\x22\x33\x44\x55"s) + field(2, "\x07P1") + field(3, u16(120)) +
                           field(5, "SEP001122334455") + field(7, u16(0x24) + u16(0x20)) +
                           field(8, "\x05\x01\x0a\x01\x02\x03"s + "\x01\x00\x00\x00\x01\x00"s) +
                           field(127, "\x00\x00\x5e\x01https://mud.example/phone"s) + field(0, "");

void observe_unit(Bytes payload, const Speech&, Observations& out) {
  observe_lldp(payload, out);
}

TEST(LldpObserver, TellsTheBedMonitorsMakerModelAndSerial) {
  WARDLINE_FRAMES_OR_SKIP(frames, "identity/gen-lldp-med-bed-monitor.pcap");
  std::vector<Observation> told;
  for (const auto& frame : frames)
    for (auto& observation : observe(test::copy_of(frame, Side::kDevice), "")) told.push_back(observation);
  EXPECT_FALSE(value_of(told, "lldp.name").empty());
  EXPECT_FALSE(value_of(told, "lldp.description").empty());
  EXPECT_FALSE(value_of(told, "lldp.vendor").empty());
  EXPECT_FALSE(value_of(told, "lldp.model").empty());
}

TEST(LldpObserver, TheSwitchOnTheCoreSideIsNoDevice) {
  WARDLINE_FRAMES_OR_SKIP(frames, "identity/gen-lldp-med-bed-monitor.pcap");
  for (const auto& frame : frames) EXPECT_TRUE(observe(test::copy_of(frame, Side::kCore), "").empty());
}

TEST(LldpObserver, TellsChassisCapabilitiesInUseManagementAndMudUrl) {
  const auto told = told_of(observe_unit, kPhone);
  EXPECT_EQ(value_of(told, "lldp.chassis_id"), "00:11:22:33:44:55");
  EXPECT_EQ(value_of(told, "lldp.name"), "SEP001122334455");
  EXPECT_EQ(value_of(told, "lldp.capabilities"), "telephone") << "it could be a bridge, too";
  EXPECT_EQ(value_of(told, "lldp.management_address"), "10.1.2.3");
  EXPECT_EQ(value_of(told, "lldp.mud_url"), "https://mud.example/phone");
}

TEST(LldpObserver, AddressesOfBothFamiliesAreWrittenAsUsual) {
  const auto told = told_of(observe_unit, field(1, "\x05\x01\x0a\x01\x02\x03"s) +
                                              field(8, "\x11\x02\xfe\x80"s + std::string(13, '\0') + "\x01") +
                                              field(8, "\x03\x06\xab\xcd"s));
  EXPECT_EQ(value_of(told, "lldp.chassis_id"), "10.1.2.3");
  EXPECT_THAT(values_of(told, "lldp.management_address"), ElementsAre("fe80::1", "ab:cd"));
}

TEST(LldpObserver, TellsThePortAndItsVlan) {
  const auto told = told_of(observe_unit, field(2, "\x05Gi1/0/24") + field(127, "\x00\x80\xc2\x01\x00\x14"s));
  EXPECT_EQ(value_of(told, "lldp.port_id"), "Gi1/0/24");
  EXPECT_EQ(value_of(told, "lldp.vlan"), "20");
  EXPECT_EQ(value_of(told_of(observe_unit, field(2, "\x03\x00\x11\x22\x33\x44\x55"s)), "lldp.port_id"),
            "00:11:22:33:44:55");
}

// IEEE 802.3, 79.3.2: support, pairs, class and one; 802.3at: type, requested, allocated; 802.3bt: four powers, status.
TEST(LldpObserver, TellsTheClassAndTheWattsOfAPoweredDevice) {
  const auto power = [](const std::string& rest) { return field(127, "\x00\x12\x0f\x02"s + rest); };
  EXPECT_EQ(value_of(told_of(observe_unit, power("\x00\x01\x03"s)), "lldp.power_class"), "2");
  EXPECT_TRUE(told_of(observe_unit, power("\x07\x01\x03"s)).empty()) << "a switch that supplies it";
  EXPECT_TRUE(told_of(observe_unit, power("\x00\x01\x06"s)).empty()) << "no class";
  const auto extended = "\x00\x01\x05"s + std::string(13, '\0');
  EXPECT_EQ(value_of(told_of(observe_unit, power(extended)), "lldp.power_class"), "4");
  EXPECT_EQ(value_of(told_of(observe_unit, power(extended + u16(0xf006))), "lldp.power_class"), "6");
  const auto med = [](const std::string& rest) { return field(127, "\x00\x12\xbb\x04"s + rest); };
  EXPECT_EQ(value_of(told_of(observe_unit, med("\x50"s + u16(63))), "lldp.power"), "6.3 W");
  EXPECT_TRUE(told_of(observe_unit, med("\x13"s + u16(63))).empty()) << "a switch that supplies it";
  EXPECT_TRUE(told_of(observe_unit, med("\x50"s + u16(0))).empty());
}

TEST(LldpObserver, LengthsThatContradictTheirFieldAreNotBelieved) {
  EXPECT_TRUE(told_of(observe_unit, field(8, "\xff\x01\x0a\x01"s) + field(7, u16(4)) + field(8, "")).empty());
}

TEST(LldpObserver, EveryCutAndEveryBentByteIsReadWithoutHarm) {
  expect_cuts_tell_no_other(observe_unit, kPhone);
  expect_bent_bytes_are_harmless(observe_unit, kPhone);
}

}  // namespace
}  // namespace wardline::identity
