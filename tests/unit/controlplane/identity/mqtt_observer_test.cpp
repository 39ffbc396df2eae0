#include <gtest/gtest.h>

#include "hostile.h"
#include "observed.h"

namespace wardline::identity {
namespace {

using test::By;
using test::observed;
using test::value_of;
using namespace std::string_literals;

std::string text(const std::string& value) {
  return test::big16(static_cast<unsigned>(value.size())) + value;
}

std::string connect(std::uint8_t level, const std::string& properties, const std::string& client) {
  // A user's name and a password follow.
  const auto rest = text("MQTT") + static_cast<char>(level) + "\xc2\x00\x3c"s + properties + text(client) +
                    text("nurse") + text("secret");
  return "\x10"s + static_cast<char>(rest.size()) + rest;
}

TEST(MqttObserver, AClientTellsItsIdentifierAndNoMore) {
  for (const auto& bytes : {connect(4, "", "pump-0042"), connect(5, "\x05\x11\x00\x00\x00\x0a"s, "pump-0042")}) {
    const auto told = observed("mqtt", By::kClient, bytes);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(value_of(told, "mqtt.client_id"), "pump-0042");
  }
}

TEST(MqttObserver, ABrokerTellsNothing) {
  EXPECT_TRUE(observed("mqtt", By::kServer, "\x20\x02\x00\x00"s).empty());
  EXPECT_TRUE(observed("mqtt", By::kServer, connect(4, "", "pump")).empty());
}

TEST(MqttObserver, AnIdentifierBeyondItsPacketIsNotTold) {
  auto bytes = connect(4, "", "pump-0042");
  bytes[1] = 16;  // ends within the identifier
  EXPECT_TRUE(observed("mqtt", By::kClient, bytes).empty());
}

TEST(MqttObserver, StandsUpToHostileBytes) {
  test::expect_stands_up_to_hostile_bytes("mqtt", By::kClient, connect(5, "\x00"s, "pump-0042"));
}

}  // namespace
}  // namespace wardline::identity
