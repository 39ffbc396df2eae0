// Places that the wire tells: option 82 of DHCP, and the switch at the other end of a leg's cable.
#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "tests/unit/controlplane/appliance/hand_made.h"
#include "tests/unit/packet_builder.h"

namespace wardline::appliance {
namespace {

using Json = nlohmann::json;
using namespace std::string_literals;

constexpr std::uint8_t kPlaced = 1, kForger = 2;  // devices
constexpr unsigned kBridge = 4, kStation = 0x80;
const auto kOfSwitch = "\x01\x08Gi1/0/12\x02\x07sw-4b-1"s, kInvented = "\x01\x01x\x02\x06sw-lie"s;

Mac mac_numbered(std::uint8_t device) {
  return Mac{{2, 0, 0, 0, 0, device}};
}

FrameCopy copy_of(const std::string& bytes, Side side, const Mac& device) {
  FrameCopy copy;
  copy.side = side;
  copy.segment = HandMade::kRooms;
  copy.device_mac = device;
  copy.length = static_cast<std::uint16_t>(bytes.size());
  std::memcpy(copy.bytes.data(), bytes.data(), bytes.size());
  return copy;
}

// A message of this client with this option 82; a request of the frame's sender, or a server's answer.
FrameCopy dhcp_copy(bool request, const Mac& client, const std::string& option_82, const Mac& sender) {
  std::string bootp(236, '\0');
  const auto put = [&](std::size_t at, const std::string& bytes) { bootp.replace(at, bytes.size(), bytes); };
  put(0, request ? "\x01\x01\x06"s : "\x02\x01\x06"s);
  if (!request) put(16, std::string{'\x0a', '\x14', '\0', static_cast<char>(client.bytes[5])});
  put(28, std::string(reinterpret_cast<const char*>(client.bytes.data()), client.bytes.size()));
  const auto text = bootp + "\x63\x82\x53\x63\x35\x01"s + (request ? '\x03' : '\x05') + '\x52' +
                    static_cast<char>(option_82.size()) + option_82 + '\xff';
  const auto server = "02:00:00:00:00:fe";
  auto builder = request ? test::FrameBuilder().from(sender).to("ff:ff:ff:ff:ff:ff").ipv4("0.0.0.0", "255.255.255.255")
                         : test::FrameBuilder().from(server).to(client).ipv4("10.40.0.2", "255.255.255.255");
  const auto frame = (request ? builder.udp(68, 67) : builder.udp(67, 68)).payload(std::string_view(text)).bytes();
  return copy_of({reinterpret_cast<const char*>(frame.data()), frame.size()}, request ? Side::kDevice : Side::kCore,
                 request ? sender : client);
}

std::string tlv(unsigned type, const std::string& value) {
  const auto head = type << 9 | static_cast<unsigned>(value.size());
  return std::string{static_cast<char>(head >> 8), static_cast<char>(head)} + value;
}

// An LLDP frame of the switch or station `number` with this name.
FrameCopy hello_of(std::uint8_t number, const std::string& name, unsigned capabilities, Side side = Side::kDevice) {
  const Mac mac = mac_numbered(number);
  const auto address = std::string(reinterpret_cast<const char*>(mac.bytes.data()), mac.bytes.size());
  return copy_of("\x01\x80\xc2\x00\x00\x0e"s + address + "\x88\xcc" + tlv(1, "\x04" + address) +
                     tlv(2, "\x05Gi1/0/24") + tlv(5, name) +
                     tlv(7, std::string{'\0', static_cast<char>(capabilities), '\0', static_cast<char>(capabilities)}),
                 side, mac);
}

struct WirePlaces : testing::Test {
  WirePlaces() {
    site.use(site.policy());
    seen(kPlaced);
    seen(kForger);
  }
  void seen(std::uint8_t device, std::uint8_t pair = 0) {
    auto event = site.event(EventKind::kAddressSeen, device);
    if (event.slot == kNoSlot) event.kind = EventKind::kDeviceSeen;
    event.pair = pair;
    site.put(event);
    site.drain();
  }
  void hear(const FrameCopy& copy) {
    site.put(copy);
    site.drain();
  }
  void lease(const std::string& asked_with, const std::string& given_back, std::uint8_t sender = kPlaced) {
    hear(dhcp_copy(true, mac_numbered(kPlaced), asked_with, mac_numbered(sender)));
    hear(dhcp_copy(false, mac_numbered(kPlaced), given_back, mac_numbered(sender)));
  }
  // "switch/port by source".
  std::string place(std::uint8_t device = kPlaced) const {
    const auto* known = site.appliance->device(HandMade::id_of(device));
    return known->switch_name + "/" + known->switch_port + " by " + known->place_source;
  }

  HandMade site;
};

TEST_F(WirePlaces, ARequestAndItsAnswerWithTheSameOptionPlaceADevice) {
  lease(kOfSwitch, kOfSwitch);
  EXPECT_EQ(place(), "sw-4b-1/Gi1/0/12 by option-82");
  const auto shown = Json::parse(site.ask(R"({"op":"device.show","device":")" + HandMade::id_of(kPlaced) + "\"}"));
  EXPECT_EQ(shown["record"]["location"], "4B/sw-4b-1/Gi1/0/12");
  EXPECT_EQ(shown["record"]["place_source"], "option-82");
}

TEST_F(WirePlaces, NeitherAClaimAloneNorAnAnswerToAnotherPlacesADevice) {
  hear(dhcp_copy(true, mac_numbered(kPlaced), kInvented, mac_numbered(kPlaced)));
  EXPECT_EQ(place(), "/ by ") << "a device may write it itself";
  lease(kOfSwitch, kInvented);
  EXPECT_EQ(place(), "/ by ");
  lease(kInvented, kInvented, kForger);
  EXPECT_EQ(place(), "/ by ") << "who asks in the name of another";
  EXPECT_EQ(place(kForger), "/ by ");
}

TEST_F(WirePlaces, NamesOfSwitchesAreBoundedAndMakeRoomAgain) {
  const auto named = [](int n) { return "\x01\x01x\x02\x05"s + "s" + std::to_string(1000 + n); };
  for (int n = 0; n < 1100; ++n) lease(named(n), named(n));
  EXPECT_EQ(place(), "s2023/x by option-82") << "the last that there was room for";
  site.tick(61 * kSecond);
  lease(named(1100), named(1100));
  EXPECT_EQ(place(), "s2100/x by option-82");
}

TEST_F(WirePlaces, WhoeverStandsAtALegStandsBehindItsSwitch) {
  hear(hello_of(90, "sw-4b-1", kBridge));
  seen(kPlaced);
  EXPECT_EQ(place(), "sw-4b-1/Gi1/0/24 by uplink");
  EXPECT_EQ(place(kForger), "/ by ") << "it was not heard since";
  site.tick(61 * kSecond);
  EXPECT_EQ(place(kForger), "sw-4b-1/Gi1/0/24 by uplink");
  EXPECT_EQ(place(90), "/ by ") << "the switch itself";
  seen(kForger, 1);
  EXPECT_EQ(place(kForger), "sw-4b-1/Gi1/0/24 by uplink") << "it was seen at that leg within ten minutes";
  seen(3, 1);
  EXPECT_EQ(place(3), "/ by ") << "another leg";
}

TEST_F(WirePlaces, AStationOrACoreSwitchIsNoUplink) {
  hear(hello_of(90, "bed-14", kStation));
  hear(hello_of(91, "phone", kBridge | kStation));
  hear(hello_of(92, "core", kBridge, Side::kCore));
  seen(kPlaced);
  EXPECT_EQ(place(), "/ by ");
}

TEST_F(WirePlaces, TwoSwitchesAtOneLegPlaceNobodyUntilOneIsSilent) {
  hear(hello_of(90, "sw-4b-1", kBridge));
  hear(hello_of(kForger, "sw-lie", kBridge));
  seen(kPlaced);
  EXPECT_EQ(place(), "/ by ");
  site.tick(200 * kSecond);
  hear(hello_of(90, "sw-4b-1", kBridge));
  seen(kPlaced);
  EXPECT_EQ(place(), "sw-4b-1/Gi1/0/24 by uplink");
  for (std::uint8_t n = 100; n < 120; ++n) hear(hello_of(n, "sw-lie", kStation));
  seen(3);
  EXPECT_EQ(place(3), "/ by ") << "so many are at no cable";
}

TEST_F(WirePlaces, WhoBorrowsTheSwitchsChassisContradictsIt) {
  hear(hello_of(90, "sw-4b-1", kBridge));
  hear(hello_of(90, "sw-lie", kBridge));
  seen(kPlaced);
  EXPECT_EQ(place(), "/ by ");
}

TEST_F(WirePlaces, EachSourceIsBelievedBeforeTheNext) {
  hear(hello_of(90, "sw-up", kBridge));
  seen(kPlaced);
  EXPECT_EQ(place(), "sw-up/Gi1/0/24 by uplink");
  lease(kOfSwitch, kOfSwitch);
  EXPECT_EQ(place(), "sw-4b-1/Gi1/0/12 by option-82");
  site.ask(
      R"({"op":"place.import","source":"radius","places":[{"mac":"02:00:00:00:00:01","switch":"sw-r","port":"3","seconds":1000}]})");
  EXPECT_EQ(place(), "sw-r/3 by radius") << "though it is older";
  lease(kOfSwitch, kOfSwitch);
  EXPECT_EQ(place(), "sw-r/3 by radius");
  auto policy = site.policy();
  policy->devices[0].switch_name = "SW-4B-1.hospital.example";
  policy->devices[0].switch_port = "9";
  site.use(policy);
  EXPECT_EQ(place(), "SW-4B-1.hospital.example/9 by register");
  lease(kOfSwitch, kOfSwitch);
  EXPECT_EQ(place(), "SW-4B-1.hospital.example/9 by register");
}

TEST_F(WirePlaces, ASwitchThatIsNotTheRegistersIsAFindingAndOverrulesNothing) {
  auto policy = site.policy();
  policy->devices[0].switch_name = "sw-5a-2";
  site.use(policy);
  lease(kOfSwitch, kOfSwitch);
  site.tick(kSecond);
  EXPECT_EQ(place(), "sw-5a-2/ by register");
  const auto listed = Json::parse(site.ask(R"({"op":"finding.list","kind":"register_mismatch"})"))["records"];
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0]["subject"], "switch");
  EXPECT_EQ(listed[0]["device_id"], HandMade::id_of(kPlaced));
}

TEST_F(WirePlaces, StatusTellsWhoIsAtEachLeg) {
  hear(hello_of(90, "sw-4b-1", kBridge));
  hear(hello_of(92, "core-1", kBridge, Side::kCore));
  const auto list = Json::parse(site.ask(R"({"op":"status"})"))["status"]["neighbours"];
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0]["name"], "sw-4b-1");
  EXPECT_EQ(list[0]["port"], "Gi1/0/24");
  EXPECT_EQ(list[0]["is_uplink"], true);
  EXPECT_EQ(list[1]["side"], "core");
  EXPECT_EQ(list[1]["is_uplink"], false);
  site.tick(200 * kSecond);
  EXPECT_TRUE(Json::parse(site.ask(R"({"op":"status"})"))["status"]["neighbours"].empty());
}

}  // namespace
}  // namespace wardline::appliance
