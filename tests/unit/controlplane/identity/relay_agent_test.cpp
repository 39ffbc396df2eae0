#include "controlplane/identity/relay_agent.h"

#include <gtest/gtest.h>

#include "wire_bytes.h"

namespace wardline::identity {
namespace {

using namespace std::string_literals;
using test::u16;
using test::u8;

std::string sub_option(unsigned kind, const std::string& value) {
  return u8(kind) + u8(static_cast<unsigned>(value.size())) + value;
}
std::string circuit(const std::string& value) {
  return sub_option(1, value);
}
std::string remote(const std::string& value) {
  return sub_option(2, value);
}

std::optional<ToldPlace> place_in(const std::string& option) {
  return place_of_relay_agent(std::as_bytes(std::span(option)));
}

TEST(RelayAgent, CiscosNumbersAreVlanModulePortAndTheSwitchsMac) {
  const auto place =
      place_in(circuit("\x00\x04"s + u16(20) + "\x01\x0c") + remote("\x00\x06\x00\x1e\x14\xab\xcd\x00"s));
  ASSERT_TRUE(place);
  EXPECT_EQ(place->source, "option-82");
  EXPECT_EQ(place->switch_name, "00:1e:14:ab:cd:00");
  EXPECT_EQ(place->port, "1/12");
  EXPECT_EQ(place->vlan, "20");
}

TEST(RelayAgent, ConfiguredTextStandsBehindItsTypeAndLength) {
  const auto place = place_in(circuit("\x01\x04"
                                      "p-12"s) +
                              remote("\x01\x07"
                                     "sw-4b-1"s));
  ASSERT_TRUE(place);
  EXPECT_EQ(place->switch_name, "sw-4b-1");
  EXPECT_EQ(place->port, "p-12");
  EXPECT_EQ(place->vlan, "");
}

TEST(RelayAgent, PlainTextIsTakenAsItIsAndTheRestInHex) {
  EXPECT_EQ(place_in(circuit("ge-0/0/3.0:ward") + remote("sw-4b-1"))->port, "ge-0/0/3.0:ward");
  EXPECT_EQ(place_in(circuit("\x00\x14\x00\x0c"s) + remote("sw-4b-1"))->port, "00:14:00:0c") << "another maker's";
  EXPECT_EQ(place_in(remote("\x00\x1e\x14\xab\xcd\x00"s))->switch_name, "00:1e:14:ab:cd:00");
}

TEST(RelayAgent, WithoutASwitchThereIsNoPlace) {
  EXPECT_FALSE(place_in(""));
  EXPECT_FALSE(place_in(circuit("Gi1/0/12")));
  EXPECT_FALSE(place_in(circuit("Gi1/0/12") + remote("")));
  EXPECT_FALSE(place_in(circuit("Gi1/0/12") + remote("  ")));
}

TEST(RelayAgent, OfAnOptionThatIsCutOffNothingIsBelieved) {
  const auto whole = circuit("Gi1/0/12") + remote("sw-4b-1") + sub_option(6, "line");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto place = place_in(whole.substr(0, length));
    const auto end_of_remote = whole.size() - 6;
    EXPECT_EQ(place.has_value(), length == end_of_remote) << length;
  }
}

TEST(RelayAgent, TextIsBoundedAndHarmless) {
  const auto place = place_in(circuit("a\nb\x1b[0m") + remote(std::string(255, 's')));
  ASSERT_TRUE(place);
  EXPECT_LE(place->switch_name.size(), kMaxPlaceText);
  EXPECT_EQ(place->port, "61:0a:62:1b:5b:30:6d");
}

}  // namespace
}  // namespace wardline::identity
