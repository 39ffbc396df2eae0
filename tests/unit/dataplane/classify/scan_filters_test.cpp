// A scan that asks its filters first finds what one without any finds: the shipped signatures, over random payloads and
// over those that they were written for, whole, cut off and changed.
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "controlplane/policy/signature_reader.h"
#include "dataplane/classify/engine.h"
#include "tests/unit/dataplane/classify/shipped.h"

namespace wardline::classify {
namespace {

using Payloads = std::vector<std::string>;

// As loose expressions, which no filter stands before.
std::shared_ptr<DatabaseSet> unfiltered() {
  auto patterns = shipped().patterns;
  for (auto& pattern : patterns) {
    if (pattern.search == Search::kLiteral) pattern.expression = escaped(pattern.literals.at(0));
    pattern.search = Search::kConfirmed;
    pattern.literals.clear();
  }
  auto set = DatabaseSet::compile(patterns, shipped().traits, "");
  if (!set || !(*set)->prepare_workers(1)) return nullptr;
  return *set;
}

Payloads examples() {
  Payloads payloads;
  Errors errors;
  for (const auto& file : std::filesystem::recursive_directory_iterator(WARDLINE_POLICIES "/signatures")) {
    if (file.path().extension() != ".yaml") continue;
    const auto document = policy::YamlDocument::load(file.path(), "", errors);
    if (!document) continue;
    for (const auto& entry : policy::read_signature_file(*document))
      for (const auto& example : entry.examples) payloads.push_back(example.payload);
  }
  return payloads;
}

class ScanFilters : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { reference_ = unfiltered(); }
  static void TearDownTestSuite() { reference_.reset(); }
  void SetUp() override {
    ASSERT_TRUE(reference_);
    ASSERT_TRUE(shipped().databases);
  }

  std::string random_bytes(std::size_t length) {
    std::string made(length, '\0');
    for (auto& c : made) c = static_cast<char>(random_());
    return made;
  }
  // One to three bytes become others, or the payload begins elsewhere.
  std::string changed(std::string payload) {
    if (payload.empty()) return payload;
    if (random_() % 4 == 0) return random_bytes(random_() % 3) + payload.substr(random_() % payload.size());
    for (auto count = 1 + random_() % 3; count != 0; --count)
      payload[random_() % std::min<std::size_t>(payload.size(), 64)] = static_cast<char>(random_());
    return payload;
  }
  void compare(const std::string& payload) {
    for (const auto transport : {Transport::kTcp, Transport::kUdp})
      for (const auto sender : {Sender::kClient, Sender::kServer})
        for (const bool from_start : {true, false})
          for (const bool applications : {true, false}) {
            const auto app = static_cast<AppId>(random_() % shipped().app_names.size());
            compare({.transport = transport,
                     .sender = sender,
                     .server_port = kPorts[random_() % kPorts.size()],
                     .bytes = std::as_bytes(std::span(payload)),
                     .from_start = from_start,
                     .applications = applications,
                     .app = app});
          }
  }
  void compare(const ScanInput& input) {
    const auto hits = shipped().databases->scan(input, 0), expected = reference_->scan(input, 0);
    ASSERT_EQ(hits.outcome, expected.outcome);
    ASSERT_EQ(hits.app_signature, expected.app_signature);
    ASSERT_EQ(hits.app, expected.app);
    ASSERT_EQ(hits.confidence, expected.confidence);
    ASSERT_EQ(hits.threat_count, expected.threat_count);
    ASSERT_EQ(hits.threats, expected.threats);
    found_ += hits.app != kNoApp || hits.threat_count != 0 ? 1U : 0U;
  }

  static constexpr std::array<std::uint16_t, 6> kPorts{0, 53, 80, 443, 502, 2575};

  static inline std::shared_ptr<DatabaseSet> reference_;
  std::mt19937_64 random_{20260303};
  std::size_t found_ = 0;
};

TEST_F(ScanFilters, FindTheSameInExamplesAndTheirBeginnings) {
  for (const auto& payload : examples()) {
    compare(payload);
    for (std::size_t size = 0; size <= std::min<std::size_t>(payload.size(), 64); ++size)
      compare(payload.substr(0, size));
  }
  EXPECT_GT(found_, 1000U);
}

TEST_F(ScanFilters, FindTheSameInChangedExamples) {
  for (const auto& payload : examples())
    for (int i = 0; i < 20; ++i) {
      auto other = changed(payload);
      if (i % 2 == 0) other.resize(std::min<std::size_t>(other.size(), random_() % 65));
      compare(other);
    }
  EXPECT_GT(found_, 1000U);
}

// A literal may stand anywhere in a short payload.
TEST_F(ScanFilters, FindTheSameWhereALiteralStandsAmongOtherBytes) {
  for (const auto& pattern : shipped().patterns) {
    for (const auto& literal : pattern.literals)
      for (int i = 0; i < 8; ++i) compare(random_bytes(random_() % 24) + literal + random_bytes(random_() % 24));
  }
  EXPECT_GT(found_, 1000U);
}

TEST_F(ScanFilters, FindTheSameInRandomBytesOfAllShortLengths) {
  for (std::size_t size = 0; size <= 64; ++size)
    for (int i = 0; i < 100; ++i) compare(random_bytes(size));
}

}  // namespace
}  // namespace wardline::classify
