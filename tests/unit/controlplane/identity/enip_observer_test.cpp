#include <gtest/gtest.h>

#include "hostile.h"
#include "observed.h"

namespace wardline::identity {
namespace {

using test::By;
using test::little16;
using test::little32;
using test::observed;
using test::value_of;
using namespace std::string_literals;

std::string message(unsigned command, const std::string& data) {
  return little16(command) + little16(static_cast<unsigned>(data.size())) + std::string(20, '\0') + data;
}

std::string identity(unsigned vendor, const std::string& name) {
  const auto item = little16(1) + std::string(16, '\x0a') + little16(vendor) + little16(12) + little16(58) +
                    "\x04\x03"s + little16(0x30) + little32(0x0012ab34) + static_cast<char>(name.size()) + name +
                    "\x03"s;
  return little16(1) + little16(0x0c) + little16(static_cast<unsigned>(item.size())) + item;
}

TEST(EnipObserver, AnIdentityTellsVendorProductRevisionAndSerial) {
  const auto told = observed("enip", By::kServer, message(0x65, "abcd") + message(0x63, identity(1, "1756-ENBT/A")));
  EXPECT_EQ(value_of(told, "enip.vendor"), "Rockwell Automation");
  EXPECT_EQ(value_of(told, "enip.model"), "1756-ENBT/A");
  EXPECT_EQ(value_of(told, "enip.firmware"), "4.3");
  EXPECT_EQ(value_of(told, "enip.serial"), "0012ab34");
}

TEST(EnipObserver, AVendorThatIsNotKnownIsToldByItsNumber) {
  EXPECT_EQ(value_of(observed("enip", By::kServer, message(0x63, identity(4711, "X"))), "enip.vendor"), "4711");
}

TEST(EnipObserver, QuestionsAndOtherCommandsTellNothing) {
  EXPECT_TRUE(observed("enip", By::kClient, message(0x63, "")).empty());
  EXPECT_TRUE(observed("enip", By::kServer, message(0x64, identity(1, "X"))).empty());
}

TEST(EnipObserver, ANameLongerThanItsItemTellsNothing) {
  auto bytes = message(0x63, identity(1, "X"));
  bytes[bytes.size() - 3] = '\xff';
  EXPECT_TRUE(observed("enip", By::kServer, bytes).empty());
}

TEST(EnipObserver, StandsUpToHostileBytes) {
  test::expect_stands_up_to_hostile_bytes("enip", By::kServer, message(0x63, identity(1, "1756-ENBT/A")));
}

}  // namespace
}  // namespace wardline::identity
