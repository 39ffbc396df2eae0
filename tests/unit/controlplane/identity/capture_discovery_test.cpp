// What real devices tell of themselves by discovery.
#include <gmock/gmock.h>

#include "captured.h"
#include "controlplane/inventory/address_text.h"
#include "observed.h"

namespace wardline::identity {
namespace {

using inventory::parse_mac;
using test::value_of;
using test::values_of;
using testing::ElementsAre;
using testing::IsEmpty;

using Told = std::vector<Observation>;

Told told_in_datagrams(const std::vector<test::FrameBytes>& frames, const char* sender, std::uint16_t port,
                       const char* app) {
  Told all;
  for (const auto& copy : test::datagrams_of(frames, *parse_mac(sender), port))
    for (auto& observation : observe(copy, app)) all.push_back(observation);
  return all;
}

Told told_in_frames(const std::vector<test::FrameBytes>& frames) {
  Told all;
  for (const auto& frame : frames)
    for (auto& observation : observe(test::copy_of(frame, Side::kDevice), "")) all.push_back(observation);
  return all;
}

TEST(DiscoveryCaptures, ABridgeForLampsTellsItsModelByMulticastDns) {
  WARDLINE_FRAMES_OR_SKIP(frames, "iot/hue-bridge-setup-c1.pcap");
  const auto told = told_in_datagrams(frames, "00:17:88:24:76:ff", 5353, "mdns");
  EXPECT_THAT(values_of(told, "mdns.hostname"), ElementsAre("Philips-hue"));
  EXPECT_THAT(values_of(told, "mdns.service"), ElementsAre("_hap._tcp"));
  EXPECT_THAT(values_of(told, "mdns.instance"), ElementsAre("Philips hue - 2476FF"));
  EXPECT_THAT(values_of(told, "mdns.model"), ElementsAre("BSB002"));
}

TEST(DiscoveryCaptures, ACameraTellsItsProgramAndTypeBySsdp) {
  WARDLINE_FRAMES_OR_SKIP(frames, "iot/d-link-cam-setup-a1.pcap");
  const auto told = told_in_datagrams(frames, "b0:c5:54:25:5b:0e", 1900, "ssdp");
  EXPECT_THAT(values_of(told, "ssdp.server"), ElementsAre("Linux,    UPnP/1.0 DCS-935L/1.0"));
  EXPECT_THAT(values_of(told, "ssdp.device_type"), ElementsAre("urn:schemas-upnp-org:device:DCS-935L:1"));
}

TEST(DiscoveryCaptures, ABrowserThatSearchesTellsItsName) {
  WARDLINE_FRAMES_OR_SKIP(frames, "identity/ssdp-m-search-ua.pcap");
  EXPECT_THAT(values_of(told_in_datagrams(frames, "f0:2f:4b:09:93:bc", 1900, "ssdp"), "ssdp.user_agent"),
              ElementsAre("Google Chrome/99.0.4844.74 Mac OS X"));
}

TEST(DiscoveryCaptures, AWorkstationTellsItsTypeAndItsMetadata) {
  WARDLINE_FRAMES_OR_SKIP(frames, "identity/gen-ws-discovery-hello-probe-resolve-get-bye.pcap");
  EXPECT_THAT(values_of(told_in_datagrams(frames, "00:50:56:8a:10:10", 3702, "ws-discovery"), "wsd.type"),
              ElementsAre("Device", "Computer"));
  const auto metadata = observe(test::first_bytes_of(frames, "10.77.20.10", 5357), "http");
  EXPECT_EQ(value_of(metadata, "wsd.hostname"), "RADWS07");
  EXPECT_EQ(value_of(metadata, "wsd.workgroup"), "RADIOLOGY");
  EXPECT_EQ(value_of(metadata, "wsd.name"), "WSD Device RADWS07");
}

TEST(DiscoveryCaptures, ARecorderAnnouncesItsNameAndSystemToBrowsers) {
  WARDLINE_FRAMES_OR_SKIP(frames, "identity/netbios.pcap");
  const auto told = told_in_datagrams(frames, "00:30:48:b0:b1:94", 138, "netbios-dgm");
  EXPECT_EQ(value_of(told, "netbios.name"), "NVR9");
  EXPECT_EQ(value_of(told, "netbios.os"), "Windows 6.1");
}

TEST(DiscoveryCaptures, AMachineRegistersItsNameAndGroupButNotItsUsers) {
  WARDLINE_FRAMES_OR_SKIP(frames, "identity/nbns-arkime.pcap");
  const auto told = told_in_datagrams(frames, "00:50:56:33:78:9e", 137, "netbios-ns");
  EXPECT_THAT(values_of(told, "netbios.name"), ElementsAre("MDJR98"));
  EXPECT_THAT(values_of(told, "netbios.workgroup"), ElementsAre("WORKGROUP"));
}

TEST(DiscoveryCaptures, AnAgentDescribesItsSystem) {
  WARDLINE_FRAMES_OR_SKIP(frames, "identity/snmp-walk-short.pcap");
  const auto told = told_in_datagrams(frames, "04:01:3a:ef:d2:01", 161, "snmp");
  EXPECT_THAT(value_of(told, "snmp.description"), testing::StartsWith("Linux ubuntu-512mb-sfo2-01 4.4.0-31-generic"));
  EXPECT_EQ(value_of(told, "snmp.object_id"), "1.3.6.1.4.1.8072.3.2.10");
  EXPECT_EQ(value_of(told, "snmp.name"), "ubuntu-512mb-sfo2-01");
}

TEST(DiscoveryCaptures, TrapsTellNothing) {
  WARDLINE_FRAMES_OR_SKIP(frames, "identity/snmp-traps-packetfence.pcap");
  for (const auto& frame : frames) {
    const auto view = packet::parse(frame);
    const std::string bytes(reinterpret_cast<const char*>(view.payload.data()), view.payload.size());
    ASSERT_THAT(observe(test::first_bytes(bytes), "snmp"), IsEmpty());
  }
}

TEST(DiscoveryCaptures, SwitchesNameThemselvesByCdpOfBothVersions) {
  WARDLINE_FRAMES_OR_SKIP(second, "identity/cdp-3560.pcap");
  EXPECT_EQ(value_of(told_in_frames(second), "cdp.model"), "cisco WS-C3560G-24PS");
  EXPECT_EQ(value_of(told_in_frames(second), "cdp.port"), "GigabitEthernet0/5");
  WARDLINE_FRAMES_OR_SKIP(first, "identity/cdp-v1.pcap");
  EXPECT_EQ(value_of(told_in_frames(first), "cdp.name"), "R1");
  EXPECT_EQ(value_of(told_in_frames(first), "cdp.model"), "cisco 1601");
}

TEST(DiscoveryCaptures, ARelayedClientIsKnownByItsDuid) {
  WARDLINE_FRAMES_OR_SKIP(frames, "identity/dhcpv6-mud.pcap");
  const auto told = told_in_frames(frames);
  EXPECT_EQ(value_of(told, "dhcpv6.hostname"), "raspberrypi");
  EXPECT_EQ(value_of(told, "dhcpv6.mud_url"), "https://mudctl.example.com/.well-known/mud/v1/rasbp101");
  for (const auto& observation : told) EXPECT_EQ(observation.about, parse_mac("b8:27:eb:b8:53:c8"));
}

TEST(DiscoveryCaptures, AClientTellsItsMudUrlByDhcp) {
  WARDLINE_FRAMES_OR_SKIP(frames, "identity/dhcp-mud-url.pcap");
  const auto told = told_in_frames(frames);
  EXPECT_EQ(value_of(told, "dhcp.mud_url"), "https://mudctl.example.com/.well-known/mud/v1/rasbp101");
  EXPECT_EQ(value_of(told, "dhcp.max_size"), "1472");
}

TEST(DiscoveryCaptures, AnAccessPointTellsCapabilityAddressesAndMudUrlByLldp) {
  WARDLINE_FRAMES_OR_SKIP(frames, "identity/lldp-mud-url.pcap");
  const auto told = told_in_frames(frames);
  EXPECT_EQ(value_of(told, "lldp.capabilities"), "access-point");
  EXPECT_THAT(values_of(told, "lldp.management_address"),
              ElementsAre("62.12.173.114", "2001:8a8:1006:4:223:54ff:fec2:5702"));
  EXPECT_EQ(value_of(told, "lldp.mud_url"), "https://imright.mud.example.com/.well-known/mud/v1/vomitv2.0");
}

}  // namespace
}  // namespace wardline::identity
