#include <gmock/gmock.h>

#include "captured.h"
#include "observed.h"
#include "wire_bytes.h"

namespace wardline::identity {
namespace {

using namespace test;
using namespace std::string_literals;

std::string field(unsigned type, const std::string& value) {
  return u16(type) + u16(static_cast<unsigned>(value.size() + 4)) + value;
}

const std::string kFields = field(1, "SEP001122334455") + field(3, "Port 1") + field(4, u32(0x490)) +
                            field(5, "SIP75.8-4\nbuilt by someone") + field(6, "IP Phone 7975");

std::string announcement(const std::string& fields = kFields,
                         const std::string& snap = "\xaa\xaa\x03\x00\x00\x0c\x20\x00"s) {
  return snap + u8(2) + u8(180) + u16(0) + fields;
}

FrameBytes frame_with(const std::string& content) {
  const auto text =
      "\x01\x00\x0c\xcc\xcc\xcc\x00\x11\x22\x33\x44\x55"s + u16(static_cast<unsigned>(content.size())) + content;
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

void observe_announcement(Bytes payload, const Speech&, Observations& out) {
  observe_cdp(payload, out);
}

TEST(CdpObserver, TellsNamePortPlatformAndTheSoftwaresFirstLine) {
  const auto told = observe(copy_of(frame_with(announcement()), Side::kDevice), "");
  EXPECT_EQ(value_of(told, "cdp.name"), "SEP001122334455");
  EXPECT_EQ(value_of(told, "cdp.port"), "Port 1");
  EXPECT_EQ(value_of(told, "cdp.software"), "SIP75.8-4");
  EXPECT_EQ(value_of(told, "cdp.model"), "IP Phone 7975");
  EXPECT_EQ(value_of(told, "cdp.capabilities"), "station,telephone");
}

TEST(CdpObserver, TheSwitchOnTheCoreSideIsNoDevice) {
  EXPECT_TRUE(observe(copy_of(frame_with(announcement()), Side::kCore), "").empty());
}

TEST(CdpObserver, TellsTheNativeVlanOfASwitch) {
  const auto told = told_of(observe_announcement, announcement(field(4, u32(0x2b)) + field(10, u16(20))));
  EXPECT_EQ(value_of(told, "cdp.capabilities"), "router,bridge");
  EXPECT_EQ(value_of(told, "cdp.vlan"), "20");
}

TEST(CdpObserver, OtherProtocolsToTheSameAddressAreNotRead) {
  const auto vtp = announcement(kFields, "\xaa\xaa\x03\x00\x00\x0c\x20\x03"s);
  EXPECT_TRUE(observe(copy_of(frame_with(vtp), Side::kDevice), "").empty());
}

TEST(CdpObserver, AFieldShorterThanItsHeadEndsTheReading) {
  const auto told = told_of(observe_announcement, announcement(field(1, "R1") + u16(3) + u16(0) + kFields));
  EXPECT_EQ(value_of(told, "cdp.name"), "R1");
  EXPECT_EQ(told.size(), 1U);
}

TEST(CdpObserver, EveryCutAndEveryBentByteIsReadWithoutHarm) {
  expect_cuts_tell_no_other(observe_announcement, announcement());
  expect_bent_bytes_are_harmless(observe_announcement, announcement());
}

}  // namespace
}  // namespace wardline::identity
