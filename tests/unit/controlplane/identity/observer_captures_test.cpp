// What real devices tell, with the ground truth of the captures.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

#include "captured.h"
#include "hostile.h"
#include "observed.h"

namespace wardline::identity {
namespace {

using test::By;
using test::value_of;

struct Captured {
  const char* file;
  const char* device;
  std::uint16_t port;  // of the server
  By by;
  const char* app;
  const char* attribute;
  const char* value;
};

void PrintTo(const Captured& each, std::ostream* out) {
  *out << each.file << ' ' << each.device << ' ' << each.attribute;
}

// Of a host that speaks with itself, what one side said.
std::vector<test::FrameBytes> said_by(By by, std::uint16_t server_port, const std::vector<test::FrameBytes>& frames) {
  std::vector<test::FrameBytes> said;
  std::ranges::copy_if(frames, std::back_inserter(said), [&](const test::FrameBytes& frame) {
    const auto view = packet::parse(frame);
    return (by == By::kServer ? view.source_port : view.target_port) == server_port;
  });
  return said;
}

class CapturedStreams : public testing::TestWithParam<Captured> {};

TEST_P(CapturedStreams, TellWhatTheDeviceIs) {
  const auto& expected = GetParam();
  WARDLINE_FRAMES_OR_SKIP(frames, expected.file);
  auto copy = test::first_bytes_of(said_by(expected.by, expected.port, frames), expected.device, expected.port);
  copy.device_is_client = expected.by == By::kClient;
  EXPECT_EQ(value_of(observe(copy, expected.app), expected.attribute), expected.value);
}

constexpr const char* kSsh = "it/ssh-single.pcap";
constexpr const char* kTls = "it/tls-1.2-client-cert.pcap";
constexpr const char* kSmb3 = "it/smb3.pcap";
constexpr const char* kEnip = "building-and-ot/enip-cip-example.pcap";
constexpr const char* kS7 = "building-and-ot/s7ident.pcap";

INSTANTIATE_TEST_SUITE_P(
    It, CapturedStreams,
    testing::Values(
        Captured{kSsh, "131.159.14.23", 22, By::kServer, "ssh", "ssh.software", "OpenSSH_3.9p1"},
        Captured{kSsh, "192.150.186.169", 22, By::kClient, "ssh", "ssh.software", "OpenSSH_3.8.1p1"},
        Captured{"it/ftp.pcap", "90.130.70.73", 21, By::kServer, "ftp", "ftp.banner", "(vsFTPd 3.0.3)"},
        Captured{"it/smtp.pcap", "172.16.114.207", 25, By::kServer, "smtp", "smtp.banner",
                 "pigeon.eyrie.af.mil ESMTP Sendmail 8.8.7/8.8.7"},
        Captured{"it/smtp.pcap", "194.7.248.153", 25, By::kClient, "smtp", "smtp.client_name", "delta.peach.mil"},
        Captured{"it/telnet.pcap", "192.168.0.1", 23, By::kServer, "telnet", "telnet.banner",
                 "OpenBSD/i386 (oof) (ttyp2)"},
        Captured{"it/http-auth-basic.pcap", "192.254.189.169", 80, By::kServer, "http", "http.realm",
                 "BrowserSpy.dk - HTTP Password Test"},
        Captured{"it/smb2-peter.pcap", "10.3.1.1", 445, By::kServer, "smb2", "smb.domain", "BUILDER"},
        Captured{kSmb3, "10.160.65.202", 445, By::kServer, "smb2", "smb.hostname", "WS2016.suse.de"},
        Captured{kSmb3, "10.160.65.202", 445, By::kServer, "smb2", "smb.os", "Windows 10.0.14393"},
        Captured{kSmb3, "10.160.64.139", 445, By::kClient, "smb2", "smb.dialect", "3.0"},
        Captured{kTls, "54.36.191.227", 443, By::kServer, "tls", "tls.subject", "certauth.idrix.fr"},
        Captured{kTls, "54.36.191.227", 443, By::kServer, "tls", "tls.issuer_organisation", "Let's Encrypt"},
        Captured{kTls, "192.168.0.64", 443, By::kClient, "tls", "tls.subject", ""},
        Captured{"it/dns-over-tls.pcap", "8.8.8.8", 853, By::kServer, "tls", "tls.subject_organisation", "Google LLC"},
        Captured{"it/rdp-x509.pcap", "192.168.1.1", 3389, By::kClient, "rdp", "rdp.client_name", "JOHN-PC-LAPTOP"},
        Captured{"it/mqtt.pcap", "100.67.35.238", 1883, By::kClient, "mqtt", "mqtt.client_id", "P47775ID170W2120"}));

INSTANTIATE_TEST_SUITE_P(
    BuildingAndOt, CapturedStreams,
    testing::Values(Captured{kS7, "172.17.0.2", 102, By::kServer, "s7comm", "s7.model", "6ES7 315-2EH14-0AB0"},
                    Captured{kS7, "172.17.0.2", 102, By::kServer, "s7comm", "s7.name", "SNAP7-SERVER"},
                    Captured{kS7, "172.17.0.2", 102, By::kServer, "s7comm", "s7.serial", "S C-C2UR28922012"},
                    Captured{kEnip, "10.1.1.164", 44818, By::kServer, "enip", "enip.model", "1756-ENBT/A"},
                    Captured{kEnip, "10.1.1.164", 44818, By::kServer, "enip", "enip.vendor", "Rockwell Automation"},
                    Captured{"building-and-ot/modbus-ndpi.pcap", "192.168.110.138", 502, By::kServer, "modbus",
                             "modbus.vendor", ""}));

INSTANTIATE_TEST_SUITE_P(Medical, CapturedStreams,
                         testing::Values(Captured{"medical/gen-hl7-pcd01-oru-five-messages.pcap", "10.77.11.40", 2575,
                                                  By::kClient, "hl7-mllp", "hl7.device_id", "ABCDEF0123456789"}));

class CapturedDatagrams : public testing::TestWithParam<Captured> {};

TEST_P(CapturedDatagrams, TellWhatTheDeviceIs) {
  const auto& expected = GetParam();
  WARDLINE_FRAMES_OR_SKIP(frames, expected.file);
  std::vector<std::string> told;
  for (auto copy : test::datagrams_of(frames, expected.device, expected.port)) {
    copy.device_is_client = expected.by == By::kClient;
    const auto value = value_of(observe(copy, expected.app), expected.attribute);
    if (!value.empty() && std::ranges::count(told, value) == 0) told.push_back(value);
  }
  EXPECT_EQ(told, std::vector<std::string>{expected.value});
}

constexpr const char* kSip = "it/sip.pcap";
constexpr const char* kBacnet = "building-and-ot/bacnet-example.pcap";
constexpr const char* kRouter = "building-and-ot/bacnet-device-control.pcap";

INSTANTIATE_TEST_SUITE_P(
    ItAndOt, CapturedDatagrams,
    testing::Values(
        Captured{kSip, "192.168.1.2", 5060, By::kClient, "sip", "sip.agent", "Nero SIPPS IP Phone Version 2.0.51.16"},
        Captured{kSip, "212.242.33.35", 5060, By::kServer, "sip", "sip.agent", "Cirpack/v4.38e (gw_sip)"},
        Captured{kBacnet, "172.20.32.100", 47808, By::kServer, "bacnet", "bacnet.instance", "416"},
        Captured{kBacnet, "172.20.32.100", 47808, By::kServer, "bacnet", "bacnet.vendor", "138"},
        Captured{kBacnet, "172.20.32.113", 47808, By::kServer, "bacnet", "bacnet.vendor", "Phoenix Controls"},
        Captured{kRouter, "172.16.86.1", 47808, By::kServer, "bacnet", "bacnet.name", "PolarSoft FreeRange Router"},
        Captured{"building-and-ot/bacnet-bbmd.pcap", "192.168.0.24", 47808, By::kClient, "bacnet", "bacnet.instance",
                 "2401"}));

}  // namespace
}  // namespace wardline::identity
