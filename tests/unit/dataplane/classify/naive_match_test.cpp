#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "dataplane/classify/classifier.h"
#include "dataplane/classify/engine.h"

namespace wardline::classify {
namespace {

// Fixed bytes with an optional anchor and bound: what a matcher without any cleverness can judge too, whichever way
// the engine searches for them.
struct Bytes {
  std::string bytes;
  bool anchored = false, loose = false, negated = false;
  std::size_t confirmed_by = 0;  // so many of the bytes are the literal; 0: the bytes are searched as a literal
  std::uint32_t max_offset = 0;

  bool found_in(const std::string& text, bool from_start) const {
    if ((anchored || max_offset != 0) && !from_start) return false;
    if (anchored) return text.starts_with(bytes);
    const auto at = text.find(bytes);
    return at != std::string::npos && (max_offset == 0 || at + bytes.size() <= max_offset);
  }
  Pattern pattern(SignatureId signature) const {
    Pattern made;
    made.expression = (anchored ? "^" : "") + escaped(bytes);
    made.search = anchored ? Search::kAnchored : loose || confirmed_by != 0 ? Search::kConfirmed : Search::kLiteral;
    if (!anchored && !loose) made.literals = {confirmed_by != 0 ? bytes.substr(bytes.size() - confirmed_by) : bytes};
    made.negated = negated;
    made.max_offset = max_offset;
    made.signature = signature;
    return made;
  }
};

struct Signature {
  std::vector<Bytes> patterns;  // the first is positive
  SignatureTraits traits;

  bool found_in(const std::string& text, bool from_start, AppId app) const {
    std::size_t hits = 0;
    for (const auto& pattern : patterns) {
      const bool found = pattern.found_in(text, from_start);
      if (found && pattern.negated) return false;
      hits += found ? 1 : 0;
    }
    return hits >= traits.pattern_count &&
           (traits.within[0] == kNoApp ||
            (app != kNoApp && std::ranges::find(traits.within, app) != traits.within.end()));
  }
};

class RandomInput {
 public:
  // Few different bytes, so that literals share prefixes and hold runs: the shape on which engines lose matches.
  std::string text(std::size_t length) {
    std::string text(length, '\0');
    for (auto& c : text) c = kAlphabet[random_() % kAlphabet.size()];
    return text;
  }
  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool chance(std::size_t of) { return below(of) == 0; }

  Bytes bytes() {
    Bytes made;
    made.bytes = text(1 + below(9));
    if (chance(3)) {
      made.anchored = true;
    } else {
      made.loose = chance(4);
      if (!made.loose && chance(2)) made.confirmed_by = 1 + below(made.bytes.size());
      if (chance(4)) made.max_offset = static_cast<std::uint32_t>(made.bytes.size() + below(30));
    }
    return made;
  }
  Signature signature() {
    Signature made;
    made.traits.threat = true;
    made.patterns.push_back(bytes());
    for (auto more = below(3); more > 0; --more) {
      auto& added = made.patterns.emplace_back(bytes());
      added.negated = chance(3);
      if (!added.negated) continue;
      added.bytes += text(4);  // rarer, so that it does not deny nearly all
      if (added.max_offset != 0) added.max_offset += 4;
    }
    const auto positive = std::ranges::count(made.patterns, false, &Bytes::negated);
    if (chance(2)) made.traits.pattern_count = static_cast<std::uint8_t>(positive);
    if (chance(4)) made.traits.within = {1, 3, 0, 0};
    return made;
  }

 private:
  static constexpr std::string_view kAlphabet{"aab\0\xff", 5};
  std::mt19937 random_{20260101};
};

// All are threats of one severity, so the scan must name the first eight that the naive matcher finds.
TEST(NaiveMatch, ScansAgreeWithANaiveMatcherOnRandomInputs) {
  RandomInput random;
  std::size_t found = 0;
  for (int round = 0; round < 24; ++round) {
    std::vector<Signature> signatures;
    std::vector<Pattern> patterns;
    std::vector<SignatureTraits> traits;
    for (SignatureId id = 0; id < 40; ++id) {
      signatures.push_back(random.signature());
      for (const auto& pattern : signatures.back().patterns) patterns.push_back(pattern.pattern(id));
      traits.push_back(signatures.back().traits);
    }
    auto set = DatabaseSet::compile(patterns, traits, "");
    ASSERT_TRUE(set.has_value()) << set.error()[0].text();
    ASSERT_TRUE((*set)->prepare_workers(1).has_value());
    for (int i = 0; i < 500; ++i) {
      const auto text = random.text(1 + random.below(120));
      const bool from_start = !random.chance(3);
      const auto app = static_cast<AppId>(random.below(4));
      const auto hits = (*set)->scan({.transport = Transport::kUdp,
                                      .sender = Sender::kServer,
                                      .bytes = std::as_bytes(std::span(text)),
                                      .from_start = from_start,
                                      .app = app},
                                     0);
      ASSERT_EQ(hits.outcome, ScanOutcome::kFinished);
      std::vector<SignatureId> expected;
      for (SignatureId id = 0; id < signatures.size() && expected.size() < Hits::kMaxThreats; ++id)
        if (signatures[id].found_in(text, from_start, app)) expected.push_back(id);
      ASSERT_EQ(std::vector(hits.threats.begin(), hits.threats.begin() + hits.threat_count), expected);
      found += expected.size();
    }
  }
  EXPECT_GT(found, 10'000U);
}

}  // namespace
}  // namespace wardline::classify
