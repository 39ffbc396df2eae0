#include <gtest/gtest.h>

#include "captured.h"
#include "controlplane/identity/observers.h"
#include "controlplane/inventory/address_text.h"
#include "observed.h"

namespace wardline::identity {
namespace {

using inventory::parse_mac;
using test::value_of;
using namespace std::string_literals;

const Mac kPump{{0x00, 0x12, 0x21, 0xaa, 0xbb, 0x01}};

// A DHCP message made by hand: fixed part, cookie, options as given.
struct Message {
  std::uint8_t op = 1, hardware = 1, hardware_length = 6;
  std::uint32_t given = 0, relay = 0;
  Mac client = kPump;
  std::string server_name = std::string(64, '\0'), file = std::string(128, '\0');
  std::string options;

  std::string bytes() const {
    std::string text(236, '\0');
    text[0] = static_cast<char>(op);
    text[1] = static_cast<char>(hardware);
    text[2] = static_cast<char>(hardware_length);
    for (std::size_t i = 0; i < 4; ++i) {
      text[16 + i] = static_cast<char>(given >> (24 - 8 * i));
      text[24 + i] = static_cast<char>(relay >> (24 - 8 * i));
    }
    for (std::size_t i = 0; i < 6; ++i) text[28 + i] = static_cast<char>(client.bytes[i]);
    text.replace(44, 64, server_name).replace(108, 128, file);
    return text + "\x63\x82\x53\x63" + options;
  }
};

std::string option(std::uint8_t number, const std::string& value) {
  return std::string{static_cast<char>(number), static_cast<char>(value.size())} + value;
}

const std::string kDiscover = option(53, "\x01");

Observations observed(const std::string& payload, Side side = Side::kDevice, const Mac& source = kPump) {
  Observations out;
  observe_dhcp(std::as_bytes(std::span(payload)), side, source, out);
  return out;
}

TEST(DhcpObserver, TellsWhatThePumpOfTheCaptureAskedFor) {
  WARDLINE_FRAMES_OR_SKIP(frames, "identity/gen-dhcp-relay-client-side.pcap");
  std::vector<Observation> pump, dialysis;
  for (const auto& frame : frames) {
    for (auto& observation : observe(test::copy_of(frame, Side::kDevice), "")) {
      if (observation.about == parse_mac("00:12:21:aa:bb:01")) pump.push_back(observation);
      if (observation.about == parse_mac("58:42:e4:00:00:77")) dialysis.push_back(observation);
    }
  }
  EXPECT_EQ(value_of(pump, "dhcp.vendor_class"), "TestPump SP-1");
  EXPECT_EQ(value_of(pump, "dhcp.params"), "1,3,6,15,42,66,67");
  EXPECT_EQ(value_of(pump, "dhcp.hostname"), "PUMP-0042");
  EXPECT_EQ(value_of(dialysis, "dhcp.vendor_class"), "TestDialysis D4");
  EXPECT_EQ(value_of(dialysis, "dhcp.hostname"), "HD-ROOM-3");
}

TEST(DhcpObserver, AnAcknowledgementFromTheCoreBindsAnAddress) {
  WARDLINE_FRAMES_OR_SKIP(frames, "identity/gen-dhcp-relay-client-side.pcap");
  bool bound = false;
  for (const auto& frame : frames) {
    for (const auto& observation : observe(test::copy_of(frame, Side::kCore), ""))
      if (observation.about == parse_mac("00:12:21:aa:bb:01") && observation.address)
        bound = inventory::text_of(*observation.address) == "10.78.20.100";
    for (const auto& observation : observe(test::copy_of(frame, Side::kDevice), ""))
      EXPECT_FALSE(observation.address) << "a server on the device side binds nothing";
  }
  EXPECT_TRUE(bound);
}

TEST(DhcpObserver, ReadsOptionsThatOverflowedIntoTheFileField) {
  WARDLINE_FRAMES_OR_SKIP(frames, "identity/dhcp-option-overload.pcap");
  std::vector<Observation> all;
  for (const auto& frame : frames)
    for (auto& observation : observe(test::copy_of(frame, Side::kDevice), "")) all.push_back(observation);
  EXPECT_EQ(value_of(all, "dhcp.vendor_class"), "udhcp 1.36.1");
  EXPECT_EQ(value_of(all, "dhcp.params"), "1,3,6,12,15,28,42,54,66,67,119");
}

TEST(DhcpObserver, TellsTheRelaysPortAsTheSwitchWroteIt) {
  WARDLINE_FRAMES_OR_SKIP(frames, "identity/gen-dhcp-relay-server-side-option82.pcap");
  std::vector<Observation> all;
  for (const auto& frame : frames)
    for (auto& observation : observe(test::copy_of(frame, Side::kDevice), "")) all.push_back(observation);
  EXPECT_EQ(value_of(all, "dhcp.circuit_id"), "vlan20");
}

TEST(DhcpObserver, TellsArchitectureSizeNameMakersAndMudUrl) {
  Message message;
  message.options = kDiscover + option(57, "\x02\x40") + option(81, "\x04\x00\x00\x06pump-1\x04hosp\x00"s) +
                    option(93, "\x00\x07\x00\x00"s) + option(125, "\x00\x00\x01\x37\x02zz\x00\x00\x00\x09\x00"s) +
                    option(161, "https://mud.example/p");
  const auto told = observed(message.bytes());
  EXPECT_EQ(value_of(told, "dhcp.max_size"), "576");
  EXPECT_EQ(value_of(told, "dhcp.fqdn"), "pump-1.hosp");
  EXPECT_EQ(value_of(told, "dhcp.architecture"), "7,0");
  EXPECT_EQ(value_of(told, "dhcp.vendor_options"), "311,9");
  EXPECT_EQ(value_of(told, "dhcp.mud_url"), "https://mud.example/p");
}

TEST(DhcpObserver, ReadsTheOlderFormOfANameAsText) {
  Message message;
  message.options = kDiscover + option(81, "\x01\x00\x00pump-1.hosp"s);
  EXPECT_EQ(value_of(observed(message.bytes()), "dhcp.fqdn"), "pump-1.hosp");
}

TEST(DhcpObserver, NumbersAndNamesThatAreCutOffWithinTheirOptionAreNotTold) {
  Message message;
  message.options = kDiscover + option(57, "\x02") + option(81, "\x04\x00\x00\x3fpump"s) + option(93, "\x00\x07\x00"s) +
                    option(125, "\x00\x00\x01\x37\x20zz"s) + option(82, "\x06\x20short");
  EXPECT_TRUE(observed(message.bytes()).empty());
}

TEST(DhcpObserver, TellsTheSubscriberOfTheLine) {
  Message message;
  message.options = kDiscover + option(82, "\x01\x02p7\x06\x04\x00\x01\x02\x03"s);
  const auto told = observed(message.bytes());
  EXPECT_EQ(value_of(told, "dhcp.circuit_id"), "p7");
  EXPECT_EQ(value_of(told, "dhcp.subscriber_id"), "00:01:02:03");
}

TEST(DhcpObserver, WhatARequestWasSentWithAndAServerGaveBackIsAPlace) {
  Message message;
  message.options = kDiscover + option(82, "\x01\x08Gi1/0/12\x02\x07sw-4b-1");
  const auto asked = observed(message.bytes());
  ASSERT_TRUE(asked.back().place);
  EXPECT_EQ(asked.back().place->switch_name, "sw-4b-1");
  EXPECT_EQ(asked.back().place->port, "Gi1/0/12");
  EXPECT_EQ(asked.back().about, kPump);
  message.op = 2;
  message.given = 0x0a4e1464;
  message.options = option(53, "\x05") + option(82, "\x01\x08Gi1/0/12\x02\x07sw-4b-1");
  const auto answered = observed(message.bytes(), Side::kCore);
  ASSERT_EQ(answered.size(), 2U);
  EXPECT_EQ(answered[1].place->switch_name, "sw-4b-1");
  EXPECT_EQ(answered[1].about, kPump);
  EXPECT_TRUE(observed(message.bytes(), Side::kDevice).empty()) << "a server among the devices says nothing";
}

TEST(DhcpObserver, JoinsAnOptionThatWasSplit) {
  Message message;
  message.options = kDiscover + option(60, "Test") + option(60, "Pump") + "\xff";
  EXPECT_EQ(value_of(observed(message.bytes()), "dhcp.vendor_class"), "TestPump");
}

TEST(DhcpObserver, ReadsOverloadedFieldsOnlyWhereOption52SaysSo) {
  Message message;
  message.file.replace(0, 8, option(60, "Filed") + "\xff");
  message.options = kDiscover + "\xff";
  EXPECT_EQ(value_of(observed(message.bytes()), "dhcp.vendor_class"), "");
  message.options = kDiscover + option(52, "\x01") + "\xff";
  EXPECT_EQ(value_of(observed(message.bytes()), "dhcp.vendor_class"), "Filed");
}

TEST(DhcpObserver, BelievesNothingOfAnOptionThatRunsOverTheEnd) {
  Message message;
  message.options = kDiscover + option(12, "good") + "\x3c\xc8short";
  const auto told = observed(message.bytes());
  EXPECT_EQ(value_of(told, "dhcp.hostname"), "good");
  EXPECT_EQ(value_of(told, "dhcp.vendor_class"), "");
}

TEST(DhcpObserver, EveryCutOfAMessageIsReadWithoutHarm) {
  Message message;
  message.options = kDiscover + option(12, "pump-1") + option(55, "\x01\x03") + option(82, "\x01\x06vlan20") + "\xff";
  const auto whole = message.bytes();
  for (std::size_t length = 0; length <= whole.size(); ++length) observed(whole.substr(0, length));
  EXPECT_EQ(observed(whole).size(), 3U);
  EXPECT_TRUE(observed(whole.substr(0, 239)).empty());
}

TEST(DhcpObserver, EscapesAHostNameThatWouldForgeALogLine) {
  Message message;
  message.options = kDiscover + option(12, "pump\n2026-11-21 wardlined: quarantine released\xff\xc0");
  EXPECT_EQ(value_of(observed(message.bytes()), "dhcp.hostname"),
            "pump\\u000a2026-11-21 wardlined: quarantine released\\xff\\xc0");
}

TEST(DhcpObserver, DoesNotHearWhoSpeaksForAnothersAddress) {
  Message message;
  message.options = kDiscover + option(60, "TestPump");
  const Mac other{{0x02, 1, 2, 3, 4, 5}};
  EXPECT_TRUE(observed(message.bytes(), Side::kDevice, other).empty());
  message.relay = 0x0a4e1401;
  const auto told = observed(message.bytes(), Side::kDevice, other);
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told[0].about, kPump) << "a relay speaks for its clients";
}

TEST(DhcpObserver, TakesNoClaimFromTheCoreAndNoLeaseQuery) {
  Message message;
  message.options = kDiscover + option(60, "TestPump");
  EXPECT_TRUE(observed(message.bytes(), Side::kCore).empty());
  message.options = option(53, "\x0a") + option(60, "TestPump");
  EXPECT_TRUE(observed(message.bytes()).empty()) << "who asks for a lease asks about another device";
}

TEST(DhcpObserver, IgnoresHardwareThatIsNoEthernet) {
  Message message;
  message.options = kDiscover + option(60, "TestPump");
  for (const auto& [hardware, length] : {std::pair{1, 16}, std::pair{6, 6}, std::pair{1, 0}}) {
    message.hardware = static_cast<std::uint8_t>(hardware);
    message.hardware_length = static_cast<std::uint8_t>(length);
    EXPECT_TRUE(observed(message.bytes()).empty());
  }
}

TEST(DhcpObserver, KeepsValuesWithinTheirBound) {
  Message message;
  message.options = kDiscover;
  for (int i = 0; i < 200; ++i) message.options += option(12, std::string(255, 'h'));
  for (int i = 0; i < 200; ++i) message.options += option(55, std::string(255, '\xff'));
  for (const auto& observation : observed(message.bytes())) EXPECT_LE(observation.value.size(), 256U);
}

}  // namespace
}  // namespace wardline::identity
