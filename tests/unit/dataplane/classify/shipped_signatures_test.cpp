// The signatures that Wardline ships: they load, their examples hold, and noise is not taken for anything.
#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "tests/unit/dataplane/classify/shipped.h"

namespace wardline::classify {
namespace {

TEST(ShippedSignatures, LoadWithEveryExampleAsTold) {
  EXPECT_GT(shipped().texts.size(), 180U);
}

// Every application that the issue of a hospital's traffic asks for, by the names that rules use.
TEST(ShippedSignatures, ProveTheApplicationsOfAHospital) {
  EXPECT_GE(shipped().app_names.size(), 90U);
  std::istringstream names(
      "dicom dicom-tls hl7-mllp astm-e1381 poct1-a ieee11073-20601 sdc intellivue carescape medibus-tcp "
      "fhir cms8000 bacnet modbus enip s7comm dnp3 iec104 knxnet-ip opcua profinet niagara-fox lontalk-ip "
      "mqtt coap amqp xmpp rtsp rtp rtcp onvif upnp ssdp mdns matter ws-discovery google-cast airplay tr069 "
      "http http2 websocket tls dtls quic ssh telnet rlogin ftp tftp smtp imap pop3 ldap kerberos radius "
      "ntlm smb1 smb2 nfs portmap onc-rpc dcerpc rdp vnc x11 citrix-ica tds mysql postgresql oracle-tns "
      "mongodb redis sip stun h323 snmp syslog netflow ntp dns dot doh dhcp dhcpv6 "
      "netbios-ns netbios-dgm netbios-ssn llmnr ipp jetdirect lpd bittorrent tor wireguard openvpn ike "
      "stratum teamviewer anydesk rtmp");
  for (std::string name; names >> name;) EXPECT_TRUE(shipped().app(name).has_value()) << name;
}

// One false application in ten thousand random payloads would be many a day; the limit is 0.01 %.
TEST(ShippedSignatures, TakeRandomBytesForNothing) {
  constexpr int kPayloads = 1'000'000;
  std::mt19937_64 random{7};
  std::vector<std::uint64_t> bytes(64);
  const auto& set = shipped();
  ASSERT_TRUE(set.databases);
  int found = 0;
  std::map<std::string, int> by_signature;
  for (int i = 0; i < kPayloads; ++i) {
    for (auto& word : bytes) word = random();
    const auto draw = random();
    const auto length = 1 + draw % (i % 16 == 0 ? 512 : 128);
    const auto payload = std::as_bytes(std::span(bytes)).first(length);
    const auto hits = set.databases->scan({.transport = (draw & 0x10000) != 0 ? Transport::kTcp : Transport::kUdp,
                                           .sender = (draw & 0x20000) != 0 ? Sender::kClient : Sender::kServer,
                                           .bytes = payload},
                                          0);
    ASSERT_EQ(hits.outcome, ScanOutcome::kFinished);
    if (hits.app != kNoApp) ++by_signature[set.texts[hits.app_signature].id];
    found += hits.app != kNoApp || hits.threat_count != 0 ? 1 : 0;
  }
  EXPECT_LT(found, kPayloads / 10'000);
  for (const auto& [id, count] : by_signature)
    std::printf("  %s: %d of %d random payloads\n", id.c_str(), count, kPayloads);
}

}  // namespace
}  // namespace wardline::classify
