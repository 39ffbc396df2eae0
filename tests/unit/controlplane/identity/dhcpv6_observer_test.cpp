#include <gmock/gmock.h>

#include "captured.h"
#include "observed.h"
#include "wire_bytes.h"

namespace wardline::identity {
namespace {

using namespace test;
using namespace std::string_literals;

constexpr unsigned kSolicit = 1, kAdvertise = 2, kRelease = 8, kRelayForward = 12;
const Mac kPump{{0x00, 0x12, 0x21, 0xaa, 0xbb, 0x01}};
const std::string kPumpBytes = "\x00\x12\x21\xaa\xbb\x01"s;

std::string option(unsigned number, const std::string& value) {
  return u16(number) + u16(static_cast<unsigned>(value.size())) + value;
}

const std::string kWithTime = u16(1) + u16(1) + u32(0x1e62770b) + kPumpBytes;
const std::string kWithoutTime = u16(3) + u16(1) + kPumpBytes;

std::string options(const std::string& duid) {
  const std::string vendor = "TestPump SP-1", name = u8(0) + dns_name("pump-42");
  return option(1, duid) + option(6, u16(23) + u16(24) + u16(39)) +
         option(16, u32(311) + u16(static_cast<unsigned>(vendor.size())) + vendor) + option(39, name) +
         option(112, "https://mud.example/pump");
}

std::string message(unsigned type = kSolicit, const std::string& duid = kWithTime) {
  return u8(type) + "abc" + options(duid);
}

std::string relayed(const std::string& inner) {
  return u8(kRelayForward) + u8(0) + std::string(32, '\x20') + option(18, "port 7") + option(9, inner);
}

Observations observed(const std::string& bytes) {
  return observe(first_bytes(bytes), "dhcpv6");
}

TEST(Dhcpv6Observer, TellsWhatAClientAsksFor) {
  const auto told = observed(message());
  EXPECT_EQ(value_of(told, "dhcpv6.duid"), "00:01:00:01:1e:62:77:0b:00:12:21:aa:bb:01");
  EXPECT_EQ(value_of(told, "dhcpv6.params"), "23,24,39");
  EXPECT_EQ(value_of(told, "dhcpv6.vendor_class"), "TestPump SP-1");
  EXPECT_EQ(value_of(told, "dhcpv6.hostname"), "pump-42");
  EXPECT_EQ(value_of(told, "dhcpv6.mud_url"), "https://mud.example/pump");
  for (const auto& each : told) EXPECT_FALSE(each.about) << "who speaks for itself is known by its frame";
}

TEST(Dhcpv6Observer, APartialNameIsRead) {
  EXPECT_EQ(value_of(observed(u8(kSolicit) + "abc" + option(39, u8(0) + u8(4) + "pump")), "dhcpv6.hostname"), "pump");
}

TEST(Dhcpv6Observer, ServersAndThoseWhoGiveUpTheirAddressTellNothing) {
  EXPECT_TRUE(observed(message(kAdvertise)).empty());
  EXPECT_TRUE(observed(message(kRelease)).empty());
}

TEST(Dhcpv6Observer, ARelaySpeaksForTheClientOfTheDuid) {
  for (const auto& duid : {kWithTime, kWithoutTime}) {
    const auto told = observed(relayed(message(kSolicit, duid)));
    EXPECT_EQ(value_of(told, "dhcpv6.hostname"), "pump-42");
    for (const auto& each : told) EXPECT_EQ(each.about, kPump);
  }
}

TEST(Dhcpv6Observer, ARelayedClientWithoutAnAddressInItsDuidIsUnknown) {
  const auto enterprise = u16(2) + u32(311) + "0123456789", infiniband = u16(3) + u16(32) + kPumpBytes;
  const auto group = u16(3) + u16(1) + "\x01\x00\x5e\x00\x00\x01"s;
  for (const auto& duid : {enterprise, infiniband, group, kWithTime + "x"})
    EXPECT_TRUE(observed(relayed(message(kSolicit, duid))).empty());
}

TEST(Dhcpv6Observer, ARelayOfARelayIsNotLookedInto) {
  EXPECT_TRUE(observed(relayed(relayed(message()))).empty());
}

TEST(Dhcpv6Observer, AForgedLineInANameIsEscaped) {
  EXPECT_EQ(value_of(observed(u8(kSolicit) + "abc" + option(39, u8(0) + u8(6) + "p\n2026")), "dhcpv6.hostname"),
            "p\\u000a2026");
}

TEST(Dhcpv6Observer, EveryCutAndEveryBentByteIsReadWithoutHarm) {
  expect_cuts_tell_no_other(observe_dhcpv6, message());
  expect_bent_bytes_are_harmless(observe_dhcpv6, message());
  expect_bent_bytes_are_harmless(observe_dhcpv6, relayed(message()));
  const auto whole = relayed(message());
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_TRUE(told_of(observe_dhcpv6, whole.substr(0, length)).empty());
}

}  // namespace
}  // namespace wardline::identity
