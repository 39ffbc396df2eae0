#include <gtest/gtest.h>

#include "hostile.h"
#include "observed.h"

namespace wardline::identity {
namespace {

using test::big16;
using test::By;
using test::observed;
using test::value_of;
using namespace std::string_literals;

std::string padded(std::string text, std::size_t size) {
  text.resize(size, '\0');
  return text;
}

std::string module(unsigned index, const std::string& order_number, const std::string& version) {
  return big16(index) + padded(order_number, 20) + big16(0xc0) + version;
}

std::string component(unsigned index, const std::string& text) {
  return big16(index) + padded(text, 32);
}

std::string answer(unsigned list, unsigned size, unsigned count, const std::string& records) {
  const auto szl = big16(list) + big16(0) + big16(size) + big16(count) + records;
  const auto data = "\xff\x09"s + big16(static_cast<unsigned>(szl.size())) + szl;
  const auto s7 = "\x32\x07\x00\x00\x01\x00\x00\x0c"s + big16(static_cast<unsigned>(data.size())) +
                  "\x00\x01\x12\x08\x12\x84\x01\x01\x00\x00\x00\x00"s + data;
  return "\x03\x00"s + big16(static_cast<unsigned>(s7.size() + 7)) + "\x02\xf0\x80"s + s7;
}

const std::string kModule =
    answer(0x11, 28, 2, module(1, "6ES7 315-2EH14-0AB0 ", "\0\4\0\1"s) + module(7, "", "V\3\2\6"));
const std::string kNames = answer(
    0x1c, 34, 4,
    component(1, "AHU-WEST") + component(4, "Copyright") + component(5, "S C-X1") + component(7, "CPU 315-2 PN/DP"));

TEST(S7Observer, AnswersTellOrderNumberFirmwareNameAndSerial) {
  const auto told = observed("s7comm", By::kServer, kModule + kNames);
  EXPECT_EQ(value_of(told, "s7.model"), "6ES7 315-2EH14-0AB0");
  EXPECT_EQ(value_of(told, "s7.firmware"), "V3.2.6");
  EXPECT_EQ(value_of(told, "s7.name"), "AHU-WEST");
  EXPECT_EQ(value_of(told, "s7.serial"), "S C-X1");
  EXPECT_EQ(value_of(told, "s7.module"), "CPU 315-2 PN/DP");
}

TEST(S7Observer, AnEngineeringStationTellsNothing) {
  EXPECT_TRUE(observed("s7comm", By::kClient, kModule).empty());
}

TEST(S7Observer, MoreRecordsThanThereAreTellThoseThatAreThere) {
  const auto told = observed("s7comm", By::kServer, answer(0x1c, 34, 0xffff, component(1, "AHU")));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].value, "AHU");
  EXPECT_TRUE(observed("s7comm", By::kServer, answer(0x1c, 0, 0xffff, "")).empty());
}

TEST(S7Observer, StandsUpToHostileBytes) {
  test::expect_stands_up_to_hostile_bytes("s7comm", By::kServer, kModule + kNames);
}

}  // namespace
}  // namespace wardline::identity
