// What a signature costs is told by how it is searched: measured, loose expressions cost ten times what literals do,
// and the more so the longer the texts that they may span.
#include "controlplane/policy/signature_cost.h"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>

namespace wardline::policy {
namespace {

constexpr unsigned kLoose = 100, kShort = 30, kWide = 15;
constexpr std::size_t kRareEnough = 4;  // bytes of a literal that hardly stand in other traffic by chance
constexpr unsigned kWideRepeat = 512;

// The greatest number of any {n,m}.
unsigned widest_repeat(const std::string& expression) {
  unsigned widest = 0;
  for (auto at = expression.find('{'); at != std::string::npos; at = expression.find('{', at + 1)) {
    const char* from = expression.data() + at + 1;
    const char* end = expression.data() + expression.size();
    while (from != end && *from != '}') {
      unsigned number = 0;
      const auto read = std::from_chars(from, end, number);
      if (read.ec == std::errc{}) widest = std::max(widest, number);
      from = read.ptr == from ? from + 1 : read.ptr;
    }
  }
  return widest;
}

SignatureCost cost_of(const classify::Pattern& pattern) {
  using enum classify::Search;
  SignatureCost cost;
  if (pattern.search == kConfirmed && pattern.literal.empty()) {
    cost.weight = kLoose;
    cost.why = "a loose expression, run over every byte, since no fixed text of 3 bytes or more is in all its matches; "
               "begin it with ^, or give it such a text with `literal:`";
  } else if (pattern.search == kConfirmed && pattern.literal.size() < kRareEnough) {
    cost.weight = kShort;
    cost.why = fmt::format("it is looked at closely wherever its fixed text of {} bytes stands, which is often; a "
                           "longer one is rarer",
                           pattern.literal.size());
  } else if (pattern.search == kLiteral && pattern.literal.size() < kRareEnough - 1) {
    cost.weight = kShort;
    cost.why = fmt::format("a text of {} bytes anywhere stands in much traffic by chance", pattern.literal.size());
  }
  if (const auto widest = widest_repeat(pattern.expression); widest >= kWideRepeat && pattern.search != kLiteral) {
    cost.weight += kWide + widest / 256;
    cost.why += fmt::format("{}it counts up to {} bytes, which needs much state; .* needs none",
                            cost.why.empty() ? "" : "; ", widest);
  }
  return cost;
}

}  // namespace

std::vector<SignatureCost> costly_signatures(const SignatureSet& set, std::size_t most) {
  std::map<SignatureId, SignatureCost> worst;
  for (const auto& pattern : set.patterns) {
    auto cost = cost_of(pattern);
    const auto& traits = set.traits[pattern.signature];
    cost.weight *= (1U + (traits.tcp && traits.udp ? 1U : 0U)) *
                   (1U + (traits.from_client && traits.from_server ? 1U : 0U));
    auto& known = worst[pattern.signature];
    known.weight += cost.weight;
    if (known.why.empty()) known.why = cost.why;
  }
  std::vector<SignatureCost> costs;
  for (auto& [signature, cost] : worst) {
    if (cost.weight == 0) continue;
    cost.id = set.texts[signature].id;
    cost.at = set.texts[signature].at;
    costs.push_back(std::move(cost));
  }
  std::ranges::stable_sort(costs, std::ranges::greater(), &SignatureCost::weight);
  costs.resize(std::min(costs.size(), most));
  return costs;
}

}  // namespace wardline::policy
