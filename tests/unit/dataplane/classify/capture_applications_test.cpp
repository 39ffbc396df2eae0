// The shipped signatures against real captures: compared with what an independent decoder saw in each flow. That second
// opinion is not without fault (it goes by ports in mid-stream), so agreement has a minimum and every difference is
// shown.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "tests/unit/dataplane/classify/capture_flows.h"

namespace wardline::classify {
namespace {

namespace fs = std::filesystem;

// The decoder's word for an application, ours, and the share of its flows on which we must agree.
struct Expected {
  std::string_view theirs, ours;
  double least;
};
constexpr std::array<Expected, 26> kExpected{{
    {"dicom", "dicom", 1.0},   {"hl7", "hl7-mllp", 1.0},  {"smb2", "smb2", 1.0},     {"smb", "smb1", 1.0},
    {"rdp", "rdp", 1.0},       {"rtsp", "rtsp", 1.0},     {"sip", "sip", 0.6},       {"mqtt", "mqtt", 1.0},
    {"modbus", "modbus", 0.8}, {"bacnet", "bacnet", 1.0}, {"bvlc", "bacnet", 1.0},   {"nbns", "netbios-ns", 1.0},
    {"telnet", "telnet", 1.0}, {"ftp", "ftp", 1.0},       {"tftp", "tftp", 0.4},     {"vnc", "vnc", 1.0},
    {"ssh", "ssh", 1.0},       {"snmp", "snmp", 0.98},    {"syslog", "syslog", 1.0}, {"ssdp", "ssdp", 1.0},
    {"mdns", "mdns", 1.0},     {"dhcp", "dhcp", 0.98},    {"ntp", "ntp", 1.0},       {"dns", "dns", 0.98},
    {"tls", "tls", 0.93},      {"http", "http", 0.98},
}};

fs::path shared_captures() {
  const char* given = std::getenv("WARDLINE_SHARED");
  return fs::path(given != nullptr ? given : WARDLINE_SOURCE "/../shared") / "captures";
}

struct Tally {
  int agreed = 0, nothing = 0, other = 0;
};

class CaptureApplications : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!fs::exists(shared_captures() / "facts")) return;
    Errors errors;
    signatures_ = policy::load_signatures(WARDLINE_SOURCE "/policies/signatures", "signatures/", "", 1, errors);
    for (const auto& error : errors) ADD_FAILURE() << error.text();
    for (const auto& entry : fs::directory_iterator(shared_captures() / "facts")) {
      std::ifstream lines(entry.path());
      for (std::string line; std::getline(lines, line);) {
        auto facts = nlohmann::json::parse(line);
        const auto file = facts["file"].get<std::string>();
        flows_[file] = flows_of_capture(shared_captures() / file, signatures_);
        facts_[file] = std::move(facts);
      }
    }
  }
  void SetUp() override {
    if (facts_.empty()) GTEST_SKIP() << "no captures at " << shared_captures();
  }
  static bool in(const std::string& file, std::initializer_list<std::string_view> folders) {
    return std::ranges::any_of(folders, [&](auto folder) { return file.starts_with(folder); });
  }

  static inline policy::SignatureSet signatures_;
  static inline std::map<std::string, nlohmann::json> facts_;
  static inline std::map<std::string, std::map<std::string, FoundFlow>> flows_;
};

const Expected* expectation_of(const nlohmann::json& apps) {
  for (const auto& expected : kExpected)
    if (std::ranges::find(apps, expected.theirs) != apps.end()) return &expected;
  return nullptr;
}

TEST_F(CaptureApplications, AgreeWithAnIndependentDecoder) {
  std::map<std::string_view, Tally> tallies;
  for (const auto& [file, facts] : facts_) {
    if (in(file, {"malformed/"})) continue;
    for (const auto& flow : facts["flows"]) {
      const auto* expected = expectation_of(flow["app"]);
      if (expected == nullptr) continue;
      const std::string proto = flow["p"], source = flow["src"], target = flow["dst"];
      if (proto == "udp" && (expected->theirs == "tls" || expected->theirs == "smb"))
        continue;  // in QUIC, DTLS, NetBIOS
      const auto found = flows_[file].find(flow_key_text(proto, source, target));
      if (found == flows_[file].end()) continue;  // inside a tunnel, or only in later fragments
      auto& tally = tallies[expected->theirs];
      if (found->second.app == expected->ours) {
        ++tally.agreed;
        continue;
      }
      ++(found->second.app.empty() ? tally.nothing : tally.other);
      std::printf("  %s: %s %s > %s is %s to the decoder, %s to us\n", file.c_str(), proto.c_str(), source.c_str(),
                  target.c_str(), std::string(expected->theirs).c_str(),
                  found->second.app.empty() ? "nothing" : found->second.app.c_str());
    }
  }
  std::printf("  %-8s %7s %8s %6s\n", "decoder", "agreed", "nothing", "other");
  for (const auto& expected : kExpected) {
    const auto& tally = tallies[expected.theirs];
    const int all = tally.agreed + tally.nothing + tally.other;
    std::printf("  %-8s %7d %8d %6d\n", std::string(expected.theirs).c_str(), tally.agreed, tally.nothing, tally.other);
    if (all != 0) {
      EXPECT_GE(tally.agreed, expected.least * all) << expected.theirs;
    }
  }
}

TEST_F(CaptureApplications, FindDicomAndHl7NowhereElse) {
  for (const auto& [file, flows] : flows_)
    for (const auto& [key, flow] : flows) {
      if (flow.app != "dicom" && flow.app != "hl7-mllp") continue;
      EXPECT_TRUE(in(file, {"medical/", "identity/"})) << file << ": " << key << " by " << flow.signature;
    }
}

TEST_F(CaptureApplications, NoScanFailsAndNoBenignFlowIsAThreat) {
  for (const auto& [file, flows] : flows_)
    for (const auto& [key, flow] : flows) {
      EXPECT_EQ(flow.failed_scans, 0) << file << ": " << key;
      const bool benign = in(file, {"medical/", "building-and-ot/", "iot/", "it/", "identity/", "vlan/"});
      if (benign) {
        EXPECT_TRUE(flow.threats.empty()) << file << ": " << key << " raises " << *flow.threats.begin();
      }
    }
}

TEST_F(CaptureApplications, KnownAttacksRaiseTheirThreat) {
  const auto raises = [&](const std::string& file, const std::string& threat) {
    return std::ranges::any_of(flows_[file], [&](const auto& flow) { return flow.second.threats.contains(threat); });
  };
  std::map<std::string, std::set<std::string>> raised;
  for (const auto& [file, flows] : flows_)
    for (const auto& [key, flow] : flows) raised[file].insert(flow.threats.begin(), flow.threats.end());
  for (const auto& [file, threats] : raised)
    for (const auto& threat : threats) std::printf("  %s raises %s\n", file.c_str(), threat.c_str());
  EXPECT_TRUE(raises("threats/doublepulsar-connect.pcap", "smb1-trans2-session-setup"));
  EXPECT_TRUE(raises("threats/eternalblue-success.pcap", "smb1-nt-trans-oversized"));
  EXPECT_TRUE(raises("threats/wannacry.pcap", "wannacry-tree-connect"));
  EXPECT_TRUE(raises("threats/wannacry.pcap", "smb1-peek-named-pipe-fid-0"));
  EXPECT_TRUE(raises("threats/log4j-user-agent.pcap", "log4shell-lookup"));
  EXPECT_TRUE(raises("threats/web-attack-rce.pcap", "shellshock"));
  EXPECT_TRUE(raises("threats/apache-cve-2021-41773.pcap", "http-path-traversal-encoded"));
  EXPECT_TRUE(raises("threats/heartbleed-success.pcap", "heartbeat-oversized"));
  EXPECT_TRUE(raises("threats/crypto-mining.pcapng", "coin-mining-stratum"));
  EXPECT_TRUE(raises("threats/gen-telnet-bruteforce-mirai-like.pcap", "iot-botnet-telnet-login"));
}

}  // namespace
}  // namespace wardline::classify
