#include <gtest/gtest.h>

#include "hostile.h"
#include "observed.h"

namespace wardline::identity {
namespace {

using test::By;
using test::observed;
using test::value_of;
using namespace std::string_literals;

std::string object(std::uint8_t id, const std::string& value) {
  return std::string{static_cast<char>(id), static_cast<char>(value.size())} + value;
}

std::string mbap(std::uint8_t unit, const std::string& pdu) {
  return test::big16(7) + test::big16(0) + test::big16(static_cast<unsigned>(pdu.size() + 1)) +
         static_cast<char>(unit) + pdu;
}

std::string identification(std::uint8_t unit, std::uint8_t count, const std::string& objects) {
  return mbap(unit, "\x2b\x0e\x02\x82\x00\x00"s + static_cast<char>(count) + objects);
}

const std::string kBasic = object(0, "Maker") + object(1, "PC-77") + object(2, "V2.10");
const std::string kPoll = mbap(1, "\x03\x02\x00\x2a"s);

TEST(ModbusObserver, AnAnswerTellsVendorModelAndRevision) {
  const auto told = observed("modbus", By::kServer, kPoll + identification(1, 3, kBasic));
  EXPECT_EQ(value_of(told, "modbus.vendor"), "Maker");
  EXPECT_EQ(value_of(told, "modbus.model"), "PC-77");
  EXPECT_EQ(value_of(told, "modbus.firmware"), "V2.10");
}

TEST(ModbusObserver, AModelNameSaysMoreThanACode) {
  const auto more = object(4, "Chiller") + object(5, "Chiller 9");
  EXPECT_EQ(value_of(observed("modbus", By::kServer, identification(1, 3, kBasic) + identification(1, 2, more)),
                     "modbus.model"),
            "Chiller 9");
}

TEST(ModbusObserver, TwoUnitsBehindAGatewayAreNotMixed) {
  EXPECT_EQ(
      value_of(observed("modbus", By::kServer, identification(1, 3, kBasic) + identification(2, 1, object(5, "Other"))),
               "modbus.model"),
      "PC-77");
}

TEST(ModbusObserver, PollsAndQuestionsTellNothing) {
  EXPECT_TRUE(observed("modbus", By::kServer, kPoll + kPoll).empty());
  EXPECT_TRUE(observed("modbus", By::kClient, identification(1, 3, kBasic)).empty());
}

TEST(ModbusObserver, MoreObjectsThanThereAreTellThoseThatAreThere) {
  const auto told = observed("modbus", By::kServer, identification(1, 255, object(0, "Maker") + "\x02\xff\x31"s));
  EXPECT_EQ(value_of(told, "modbus.vendor"), "Maker");
  EXPECT_EQ(value_of(told, "modbus.firmware"), "");
}

TEST(ModbusObserver, StandsUpToHostileBytes) {
  test::expect_stands_up_to_hostile_bytes("modbus", By::kServer, kPoll + identification(1, 3, kBasic));
}

}  // namespace
}  // namespace wardline::identity
