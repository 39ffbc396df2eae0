// The shipped signatures against real captures, without a worker. What other decoders say of each flow is compared in
// tests/agreement.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "tests/unit/dataplane/classify/capture_flows.h"
#include "tests/unit/signature_cache.h"

namespace wardline::classify {
namespace {

namespace fs = std::filesystem;

fs::path shared_captures() {
  const char* given = std::getenv("WARDLINE_SHARED");
  return fs::path(given != nullptr ? given : WARDLINE_SOURCE "/../shared") / "captures";
}

class CaptureApplications : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!fs::exists(shared_captures() / "facts")) return;
    Errors errors;
    signatures_ = policy::load_signatures(WARDLINE_SOURCE "/policies/signatures", "signatures/",
                                          test::signature_cache(), 1, errors);
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

TEST_F(CaptureApplications, FindDicomAndHl7NowhereElse) {
  for (const auto& [file, flows] : flows_)
    for (const auto& [key, flow] : flows) {
      if (flow.app != "dicom" && flow.app != "hl7-mllp") continue;
      EXPECT_TRUE(in(file, {"medical/", "identity/"})) << file << ": " << key << " by " << flow.signature;
    }
}

// Of lesser ones, such as a restart of a controller, honest captures have some.
TEST_F(CaptureApplications, NoScanFailsAndNoBenignFlowIsAGraveThreat) {
  std::set<std::string> grave;
  for (const auto& text : signatures_.texts)
    if (text.severity == "high" || text.severity == "critical") grave.insert(text.id);
  EXPECT_GE(grave.size(), 20u);
  for (const auto& [file, flows] : flows_)
    for (const auto& [key, flow] : flows) {
      EXPECT_EQ(flow.failed_scans, 0) << file << ": " << key;
      const bool benign = in(file, {"medical/", "building-and-ot/", "iot/", "it/", "identity/", "vlan/"});
      for (const auto& threat : flow.threats)
        EXPECT_FALSE(benign && grave.contains(threat)) << file << ": " << key << " raises " << threat;
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
