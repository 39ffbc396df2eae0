#include "controlplane/fingerprint_import/satori.h"

#include <gtest/gtest.h>

#include "tests/unit/controlplane/fingerprint_import/imported.h"

namespace wardline::fingerprint_import {
namespace {

std::string satori(const std::string& devices) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DHCP><fingerprints>\n" + devices + "</fingerprints></DHCP>\n";
}

std::string device(const std::string& attributes, const std::string& tests) {
  return "<fingerprint " + attributes + "><dhcp_tests>\n" + tests + "</dhcp_tests></fingerprint>\n";
}

const std::string kPhone = R"(name="Lab Phone 1" os_name="" device_type="VoIP Phone" device_vendor="Acme")";

std::string by_test(const std::string& test) {
  return reason_of(satori(device(kPhone, test)), "dhcp.xml");
}

TEST(Satori, OptionsAndVendorClassesBecomeConditions) {
  const auto import = imported(
      satori(device(kPhone, R"(<test weight="5" matchtype="exact" dhcptype="Discover" dhcpoption55="1,3,250"/>)"
                            "\n"
                            R"(<test weight="5" matchtype="partial" dhcptype="Request" dhcpoption55="3,250,9"/>)"
                            "\n"
                            R"(<test weight="5" matchtype="partial" dhcptype="Any" dhcpvendorcode="lab.phone"/>)"
                            "\n")),
      "dhcp.xml");
  EXPECT_EQ(import.carried(), 3U);
  EXPECT_EQ(import.outcomes[1].line, 5U);
  EXPECT_NE(import.yaml.find("when: {dhcp.params: '^1,3,250$'}"), std::string::npos) << import.yaml;
  EXPECT_NE(import.yaml.find("when: {dhcp.params: '(?:^|,)3,250,9(?:,|$)'}"), std::string::npos) << import.yaml;
  EXPECT_NE(import.yaml.find(R"(when: {dhcp.vendor_class: 'lab\.phone'})"), std::string::npos) << import.yaml;
  EXPECT_NE(import.yaml.find("sets: {maker: 'Acme', product: 'Lab Phone 1', kind: 'voip phone'}"), std::string::npos);
  EXPECT_NE(import.yaml.find("id: satori-dhcp-lab-phone-1-3\n"), std::string::npos);
}

TEST(Satori, TheNameOfASystemIsNoProduct) {
  const auto import =
      imported(satori(device(R"(name="LabOS 2 phones" os_name="LabOS 2" device_type="Smartphone")",
                             R"(<test weight="5" matchtype="exact" dhcptype="Any" dhcpoption55="1,251"/>)")),
               "dhcp.xml");
  EXPECT_NE(import.yaml.find("sets: {kind: 'phone', os: 'LabOS 2'}"), std::string::npos) << import.yaml;
}

TEST(Satori, AValueOfTwoDevicesTellsOnlyWhatBothSay) {
  const std::string test = R"(<test weight="5" matchtype="exact" dhcptype="Any" dhcpoption55="1,252"/>)";
  const auto import =
      imported(satori(device(kPhone, test) +
                      device(R"(name="Lab Phone 2" device_type="VoIP Phone" device_vendor="Acme")", test)),
               "dhcp.xml");
  EXPECT_EQ(import.carried(), 2U);
  EXPECT_EQ(import.fingerprints, 1U);
  EXPECT_NE(import.yaml.find("sets: {maker: 'Acme', kind: 'voip phone'}"), std::string::npos) << import.yaml;
}

TEST(Satori, AValueOfTwoDevicesThatAgreeOnNothingIsRefused) {
  const std::string test = R"(<test weight="5" matchtype="exact" dhcptype="Any" dhcpoption55="1,253"/>)";
  const auto import =
      imported(satori(device(kPhone, test) + device(R"(name="B" device_vendor="Other")", test)), "d.xml");
  EXPECT_EQ(import.carried(), 0U);
  EXPECT_EQ(import.outcomes[0].reason, "the entries of lines 4 and 6 look for the same value and agree on nothing");
  EXPECT_TRUE(import.yaml.empty());
}

TEST(Satori, WhatCannotBeToldByItsValueIsRefusedWithTheReason) {
  EXPECT_TRUE(by_test(R"(<test weight="5" matchtype="exact" dhcptype="Any" dhcpoptions="53,55"/>)")
                  .starts_with("the order of all options and the initial hops are no evidence here"));
  EXPECT_TRUE(by_test(R"(<test weight="5" matchtype="exact" dhcptype="Any" ipttl="64"/>)")
                  .starts_with("the order of all options and the initial hops"));
  EXPECT_EQ(by_test(R"(<test weight="1" matchtype="exact" dhcptype="Any" dhcpoption55="1,2"/>)"),
            "its weight of 1 is too little to conclude from it alone");
  EXPECT_EQ(by_test(R"(<test weight="5" matchtype="exact" dhcptype="ACK" dhcpoption55="1,2"/>)"),
            "expected a message of a client (Any, Discover, Request, Inform), found 'ACK'");
  EXPECT_EQ(by_test(R"(<test weight="5" matchtype="odd" dhcptype="Any" dhcpoption55="1,2"/>)"),
            "expected matchtype exact or partial, found 'odd'");
  EXPECT_EQ(by_test(R"(<test weight="5" matchtype="exact" dhcptype="Any" dhcpoption55="1,x2"/>)"),
            "expected numbers of options between commas, found '1,x2'");
  EXPECT_TRUE(reason_of(satori(device(R"(name="A" device_type="Mobile")",
                                      R"(<test weight="5" matchtype="exact" dhcptype="Any" dhcpoption55="1,2"/>)")),
                        "dhcp.xml")
                  .starts_with("it names no maker"));
}

}  // namespace
}  // namespace wardline::fingerprint_import
