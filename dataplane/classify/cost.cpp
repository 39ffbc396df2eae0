// Which signatures cost more than others, and why.
#include <algorithm>
#include <charconv>
#include <ctime>
#include <limits>
#include <map>

#include "dataplane/classify/layout.h"
#include "dataplane/classify/literal.h"

namespace wardline::classify {
namespace {

constexpr std::size_t kRareLiteral = 4, kLongRepeat = 512, kLargeDatabase = 64 * 1024;
constexpr double kSlow = 2000;  // ns a KiB: a core would scan 4 Gb/s with this expression alone

constexpr std::size_t kSampleBytes = 12 * 1024, kPieceBytes = 1024;

// Random bytes, text such as HTTP's and binary records, in pieces of the length of a segment; the same ones always.
std::string sample() {
  std::string bytes;
  std::uint32_t state = 1;
  const auto next = [&state] { return (state = state * 1664525 + 1013904223) >> 16; };
  while (bytes.size() < kSampleBytes / 3) bytes += static_cast<char>(next());
  while (bytes.size() < kSampleBytes * 2 / 3) {
    bytes +=
        "GET /images/" + std::to_string(next()) + ".html?user=guest&id=" + std::to_string(next()) + " HTTP/1.1\r\n";
    bytes += "Host: server-" + std::to_string(next() % 100) + ".example\r\nUser-Agent: agent/1.0 (X11; en) ";
    for (int i = 0; i < 24; ++i) bytes += static_cast<char>('a' + next() % 26);
    bytes += "\r\nAccept: text/html,application/xml;q=0.9,*/*;q=0.8\r\nContent-Length: 0\r\n\r\n";
  }
  while (bytes.size() < kSampleBytes) {
    bytes += {0, 0, static_cast<char>(next() % 4), static_cast<char>(next()), 0, 1};
    bytes.append(next() % 9, '\0');
  }
  bytes.resize(kSampleBytes);
  return bytes;
}

int ignore_match(unsigned int, unsigned long long, unsigned long long, unsigned int, void*) {
  return 0;
}

// Of this thread alone: other work of the machine does not count.
double processor_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

class Meter {
 public:
  // The fastest of three runs: what disturbs a run only makes it slower. 0: it could not be run.
  double ns_per_kib(const hs_database_t* database) {
    hs_scratch_t* scratch = scratch_.release();
    const bool ready = hs_alloc_scratch(database, &scratch) == HS_SUCCESS;
    scratch_.reset(scratch);
    if (!ready) return 0;
    double best = std::numeric_limits<double>::max();
    for (int run = 0; run < 3; ++run) {
      const auto began = processor_ns();
      for (std::size_t at = 0; at < sample_.size(); at += kPieceBytes)
        if (hs_scan(database, sample_.data() + at, kPieceBytes, 0, scratch_.get(), ignore_match, nullptr) != HS_SUCCESS)
          return 0;
      best = std::min(best, (processor_ns() - began) * 1024 / static_cast<double>(sample_.size()));
    }
    return best;
  }

 private:
  std::string sample_ = sample();
  ScratchPtr scratch_;
};

std::size_t size_of(const hs_database_t* database) {
  std::size_t size = 0;
  return hs_database_size(database, &size) == HS_SUCCESS ? size : 0;
}

// The highest count of a bounded repeat, as it is written: 300 of "a{3,300}".
std::size_t longest_repeat(std::string_view expression) {
  std::size_t longest = 0;
  for (std::size_t at = expression.find('{'); at != std::string_view::npos; at = expression.find('{', at + 1)) {
    if (at != 0 && expression[at - 1] == '\\') continue;
    const auto end = std::min(expression.find('}', at), expression.size());
    auto count = expression.substr(at + 1, end - at - 1);
    if (const auto comma = count.find(','); comma != std::string_view::npos && comma + 1 < count.size())
      count.remove_prefix(comma + 1);
    std::size_t value = 0;
    std::from_chars(count.data(), count.data() + count.size(), value);
    longest = std::max(longest, value);
  }
  return longest;
}

// What the words of a pattern alone say of its cost.
// `guarded`: it is looked for only in what begins like its signature.
std::vector<std::string> reasons_of(const Pattern& pattern, const SignatureTraits& traits, bool guarded) {
  std::vector<std::string> reasons;
  const bool expression = pattern.search == Search::kConfirmed;
  const auto shortest = shortest_of(pattern.literals);
  if (expression && shortest == 0)
    reasons.push_back("its expression is loose, run over all bytes: no literal of " + std::to_string(kShortestLiteral) +
                      " bytes stands in every match");
  if (pattern.search != Search::kAnchored && shortest != 0 && shortest < kRareLiteral)
    reasons.push_back("its literal has " + std::to_string(shortest) +
                      " bytes, so that it is found by chance: expected at least " + std::to_string(kRareLiteral));
  if (pattern.search != Search::kAnchored && !traits.threat && !guarded)
    reasons.push_back("an application's pattern that does not begin with ^ is searched in all first bytes");
  if (const auto repeat = longest_repeat(pattern.search == Search::kLiteral ? "" : pattern.expression);
      repeat >= kLongRepeat)
    reasons.push_back("it repeats up to " + std::to_string(repeat) + " times");
  return reasons;
}

}  // namespace

std::vector<SignatureCost> DatabaseSet::costs() const {
  Meter meter;
  std::map<SignatureId, SignatureCost> by_signature;
  const auto beginnings = beginnings_of(impl_->patterns, traits_);
  std::size_t next_single = 0;
  for (const auto& pattern : impl_->patterns) {
    const bool guarded = pattern.expression.starts_with('^') || beginnings[pattern.signature] != nullptr;
    auto reasons = reasons_of(pattern, traits_[pattern.signature], guarded);
    std::shared_ptr<const hs_database_t> database;
    if (is_confirmed(pattern)) {
      database = impl_->singles[next_single++].database;
    } else if (!reasons.empty()) {
      const auto expression = expression_of(pattern);
      database = compile_expressions(std::span(&expression, 1)).database;
    }
    if (!database) continue;
    const auto bytes = size_of(database.get());
    const auto time = meter.ns_per_kib(database.get());
    if (bytes >= kLargeDatabase) reasons.push_back("its database takes " + std::to_string(bytes / 1024) + " KiB");
    if (time >= kSlow)
      reasons.push_back("where it is run it takes " + std::to_string(static_cast<long>(time)) + " ns a KiB");
    if (reasons.empty()) continue;
    auto& cost = by_signature[pattern.signature];
    cost.signature = pattern.signature;
    for (auto& reason : reasons)
      if (std::ranges::find(cost.reasons, reason) == cost.reasons.end()) cost.reasons.push_back(std::move(reason));
    cost.always = cost.always || !is_confirmed(pattern);
    cost.database_bytes += bytes;
    cost.ns_per_kib += time;
  }
  std::vector<SignatureCost> costs;
  for (auto& [signature, cost] : by_signature) costs.push_back(std::move(cost));
  std::ranges::stable_sort(costs, [](const SignatureCost& a, const SignatureCost& b) {
    return a.always != b.always ? a.always : a.ns_per_kib > b.ns_per_kib;
  });
  return costs;
}

}  // namespace wardline::classify
