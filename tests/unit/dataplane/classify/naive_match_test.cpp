#include <gtest/gtest.h>

#include <random>
#include <string>

#include "dataplane/classify/classifier.h"

namespace wardline::classify {
namespace {

// A literal with an optional anchor and bound: what a matcher without any cleverness can judge too.
struct Literal {
  std::string bytes;
  bool anchored;
  std::uint32_t max_offset;

  bool found_in(const std::string& text) const {
    if (anchored) return text.starts_with(bytes);
    const auto at = text.find(bytes);
    return at != std::string::npos && (max_offset == 0 || at + bytes.size() <= max_offset);
  }
  Pattern pattern(SignatureId signature) const {
    static constexpr char kHex[] = "0123456789abcdef";
    Pattern made;
    if (anchored) made.expression = "^";
    for (const char c : bytes) {
      const auto value = static_cast<unsigned char>(c);
      made.expression += {'\\', 'x', kHex[value >> 4], kHex[value & 15]};
    }
    made.search = anchored ? Search::kAnchored : Search::kLiteral;
    if (!anchored) made.literal = bytes;
    made.max_offset = max_offset;
    made.signature = signature;
    return made;
  }
};

class RandomText {
 public:
  // Few different bytes, so that literals share prefixes and hold runs: the shape on which engines lose matches.
  std::string operator()(std::size_t length) {
    std::string text(length, '\0');
    for (auto& c : text) c = kAlphabet[random_() % kAlphabet.size()];
    return text;
  }
  std::size_t below(std::size_t bound) { return random_() % bound; }

 private:
  static constexpr std::string_view kAlphabet{"aab\0\xff", 5};
  std::mt19937 random_{20260101};
};

// Every signature is a threat of its own severity, so the scan must name the eight gravest that the naive matcher
// finds.
TEST(NaiveMatch, ScansAgreeWithANaiveMatcherOnRandomInputs) {
  RandomText random;
  for (int round = 0; round < 40; ++round) {
    std::vector<Literal> literals;
    std::vector<Pattern> patterns;
    std::vector<SignatureTraits> traits;
    for (SignatureId id = 0; id < 60; ++id) {
      literals.push_back({random(1 + random.below(9)), random.below(3) == 0, 0});
      if (!literals.back().anchored && random.below(4) == 0)
        literals.back().max_offset = static_cast<std::uint32_t>(literals.back().bytes.size() + random.below(30));
      patterns.push_back(literals.back().pattern(id));
      traits.push_back({.threat = true});
    }
    auto set = DatabaseSet::compile(patterns, traits, "");
    ASSERT_TRUE(set.has_value());
    ASSERT_TRUE((*set)->prepare_workers(1).has_value());
    for (int i = 0; i < 500; ++i) {
      const auto text = random(1 + random.below(120));
      const auto hits = (*set)->scan(
          {.transport = Transport::kUdp, .sender = Sender::kServer, .bytes = std::as_bytes(std::span(text))}, 0);
      ASSERT_EQ(hits.outcome, ScanOutcome::kFinished);
      std::vector<SignatureId> expected;
      for (SignatureId id = 0; id < literals.size() && expected.size() < hits.threats.size(); ++id)
        if (literals[id].found_in(text)) expected.push_back(id);
      ASSERT_EQ(std::vector(hits.threats.begin(), hits.threats.begin() + hits.threat_count), expected);
    }
  }
}

}  // namespace
}  // namespace wardline::classify
