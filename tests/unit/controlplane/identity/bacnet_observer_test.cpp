#include <gtest/gtest.h>

#include "hostile.h"
#include "observed.h"

namespace wardline::identity {
namespace {

using test::By;
using test::observed;
using test::value_of;
using namespace std::string_literals;

std::string bvlc(std::uint8_t function, const std::string& npdu) {
  return "\x81"s + static_cast<char>(function) + test::big16(static_cast<unsigned>(npdu.size() + 4)) + npdu;
}

std::string unicast(const std::string& apdu) {
  return bvlc(0x0a, "\x01\x00"s + apdu);
}

std::string object(unsigned type, unsigned instance) {
  return test::big32(type << 22 | instance);
}

std::string i_am(unsigned instance, std::uint8_t vendor) {
  return "\x10\x00\xc4"s + object(8, instance) + "\x22\x05\xc4\x91\x03\x21"s + static_cast<char>(vendor);
}

// A character string in UTF-8, between the marks that `mark` opens.
std::string characters(std::uint8_t mark, const std::string& text) {
  return std::string{static_cast<char>(mark)} + "\x75"s + static_cast<char>(text.size() + 1) + "\0"s + text +
         static_cast<char>(mark + 1);
}

std::string read_property(unsigned type, const std::string& property, const std::string& value) {
  return "\x30\x01\x0c\x0c"s + object(type, 17) + property + value;
}

const std::string kSeveral = "\x30\x01\x0e\x0c"s + object(8, 17) + "\x1e"s + "\x29\x79"s +
                             characters(0x4e, "Maker AG") + "\x29\x46"s + characters(0x4e, "AHU-3") +
                             "\x29\x2c\x5e\x91\x02\x91\x20\x5f"s + "\x2a\x01\x74"s + characters(0x4e, "SN9") + "\x1f"s;

TEST(BacnetObserver, IAmTellsInstanceAndVendor) {
  const auto told = observed("bacnet", By::kServer, unicast(i_am(2401, 36)));
  EXPECT_EQ(value_of(told, "bacnet.instance"), "2401");
  EXPECT_EQ(value_of(told, "bacnet.vendor"), "Tridium");
  EXPECT_EQ(value_of(observed("bacnet", By::kClient, bvlc(0x0b, "\x01\x20\xff\xff\x00\xff"s + i_am(1, 138))),
                     "bacnet.vendor"),
            "138");
}

TEST(BacnetObserver, WhatIsSaidThroughTheDeviceIsNotItsOwn) {
  EXPECT_TRUE(observed("bacnet", By::kServer, bvlc(0x04, "\x0a\x00\x00\x01\xba\xc0\x01\x00"s + i_am(5, 36))).empty());
  EXPECT_TRUE(observed("bacnet", By::kServer, bvlc(0x0a, "\x01\x08\x00\x02\x01\x07"s + i_am(5, 36))).empty());
}

TEST(BacnetObserver, AnAnswerTellsAPropertyOfTheDeviceObject) {
  const auto told = observed("bacnet", By::kServer, unicast(read_property(8, "\x19\x46", characters(0x3e, "AHU-3"))));
  EXPECT_EQ(value_of(told, "bacnet.model"), "AHU-3");
  EXPECT_EQ(value_of(told, "bacnet.instance"), "17");
}

TEST(BacnetObserver, AnswersOfOtherObjectsTellNothing) {
  // The name of an analog input.
  EXPECT_TRUE(
      observed("bacnet", By::kServer, unicast(read_property(0, "\x19\x4d", characters(0x3e, "BED 4")))).empty());
}

TEST(BacnetObserver, AnAnswerOfSeveralPropertiesTellsThemAndPassesOverErrors) {
  const auto told = observed("bacnet", By::kServer, unicast(kSeveral));
  EXPECT_EQ(value_of(told, "bacnet.vendor"), "Maker AG");
  EXPECT_EQ(value_of(told, "bacnet.model"), "AHU-3");
  EXPECT_EQ(value_of(told, "bacnet.firmware"), "") << "an error was answered";
  EXPECT_EQ(value_of(told, "bacnet.serial"), "SN9");
}

TEST(BacnetObserver, ATextInUcs2OrLatin1IsRead) {
  for (const auto& text : {"\x3e\x75\x05\x04\x00\x41\x00\xdf\x3f"s, "\x3e\x73\x05\x41\xdf\x3f"s})
    EXPECT_EQ(value_of(observed("bacnet", By::kServer, unicast(read_property(8, "\x19\x4d", text))), "bacnet.name"),
              "A\xc3\x9f");
}

TEST(BacnetObserver, ALengthBeyondTheDatagramTellsNothing) {
  const auto huge = "\x3e\x75\xff\xff\xff\xff\xf0\x00"s + "AHU" + "\x3f";
  EXPECT_EQ(value_of(observed("bacnet", By::kServer, unicast(read_property(8, "\x19\x46", huge))), "bacnet.model"), "");
  // Marks that only open.
  EXPECT_EQ(value_of(observed("bacnet", By::kServer, unicast(read_property(8, "\x19\x46", std::string(1000, '\x3e')))),
                     "bacnet.model"),
            "");
}

TEST(BacnetObserver, StandsUpToHostileBytes) {
  test::expect_stands_up_to_hostile_bytes("bacnet", By::kServer, unicast(i_am(2401, 36)));
  test::expect_stands_up_to_hostile_bytes("bacnet", By::kServer, unicast(kSeveral));
}

}  // namespace
}  // namespace wardline::identity
