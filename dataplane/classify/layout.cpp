#include "dataplane/classify/layout.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "dataplane/classify/literal.h"
#include "dataplane/classify/start.h"

namespace wardline::classify {
namespace {

// An expression on its way into a database. `content` decides the place, so that a database does not depend on the
// order of signatures.
struct Placed {
  std::string content;
  Expression expression;
  Meaning meaning;
};

// Without bounds: the literal may stand outside of what the expression matches.
Expression trigger_of(const Pattern& pattern) {
  return {
      .text = escaped(pattern.literal), .caseless = pattern.caseless || pattern.literal_caseless, .pattern = &pattern};
}

Meaning meaning_of(const Pattern& pattern) {
  return {.kind = pattern.negated ? Meaning::Kind::kNegated : Meaning::Kind::kPositive,
          .from_start = pattern.min_offset != 0 || pattern.max_offset != 0 || pattern.search == Search::kAnchored ||
                        (pattern.search == Search::kConfirmed && pattern.expression.starts_with('^')),
          .signature = pattern.signature};
}

Group group_of(const Pattern& pattern) {
  return pattern.search == Search::kLiteral || is_confirmed(pattern) ? Group::kLiteral : Group::kLoose;
}

// Whether its first bytes decide it alone.
bool is_whole(const Expression& expression) {
  return expression.min_offset == 0 && expression.max_offset == 0 && expression.min_length == 0 &&
         start_of(expression.text, expression.caseless).whole;
}

// How much the first bytes say: 8 for each that is known.
double bits_of(const Start& start) {
  double bits = 0;
  for (const auto& bytes : start.at)
    bits += 8 - std::log2(static_cast<double>(std::max(bytes.count(), std::size_t{1})));
  return bits;
}

// Below, the beginning of an ordinary request is enough.
constexpr double kTellingBits = 64;
constexpr std::size_t kTellingLiteral = 5;
// What more applications have in common, such as " HTTP/1.", tells none of them.
constexpr std::size_t kMostSharing = 2;

class Builder {
 public:
  Builder(std::span<const Pattern> patterns, std::span<const SignatureTraits> traits) {
    for (const auto& pattern : patterns) place(pattern, traits[pattern.signature]);
  }

  Layout finish() {
    for (std::size_t i = 0; i < placed_.size(); ++i)
      if (!placed_[i].empty()) layout_.databases[i] = planned(placed_[i]);
    for (std::size_t i = 0; i < kTableCount; ++i) layout_.shards[i] = shards_of(anchored_[i]);
    for (std::size_t i = 0; i < kTableCount; ++i) layout_.guarded[i] = !unguarded_[i];
    for (auto& wholes : layout_.wholes)
      std::ranges::stable_sort(wholes, {},
                               [](const Layout::Whole& each) -> const std::string& { return each.expression.text; });
    return std::move(layout_);
  }

 private:
  void place(const Pattern& pattern, const SignatureTraits& traits) {
    Placed placed{{}, is_confirmed(pattern) ? trigger_of(pattern) : expression_of(pattern), meaning_of(pattern)};
    if (is_confirmed(pattern)) {
      Placed alone{{}, expression_of(pattern), meaning_of(pattern)};
      alone.content = alone.expression.content();
      placed.meaning.single = static_cast<std::uint32_t>(layout_.singles.size());
      layout_.singles.push_back(planned(std::span(&alone, 1)));
      placed.meaning.kind = Meaning::Kind::kTrigger;
    }
    placed.content = placed.expression.content();
    const bool whole = pattern.search == Search::kAnchored && is_whole(placed.expression);
    const auto subject = traits.threat ? Subject::kThreat : Subject::kApplication;
    for (const auto transport : {Transport::kTcp, Transport::kUdp})
      for (const auto sender : {Sender::kClient, Sender::kServer}) {
        const bool wanted = (transport == Transport::kTcp ? traits.tcp : traits.udp) &&
                            (sender == Sender::kClient ? traits.from_client : traits.from_server);
        if (!wanted) continue;
        if (whole) {
          layout_.wholes[table_index(transport, sender, subject)].push_back({placed.expression, placed.meaning});
          continue;
        }
        guard(pattern, table_index(transport, sender, subject));
        auto& list = pattern.search == Search::kAnchored
                         ? anchored_[table_index(transport, sender, subject)]
                         : placed_[database_index(transport, sender, subject, group_of(pattern))];
        list.push_back(placed);
      }
  }

  // Threats are looked for wherever they stand, so their literals are searched in all payload anyway.
  void guard(const Pattern& pattern, std::size_t table) {
    if (group_of(pattern) != Group::kLiteral || pattern.search == Search::kAnchored) return;
    if (is_confirmed(pattern) && pattern.expression.starts_with('^'))
      layout_.guards[table].push_back(expression_of(pattern));
    else
      unguarded_[table] = true;
  }

  std::vector<Layout::Planned> shards_of(std::vector<Placed>& anchored) {
    std::ranges::stable_sort(anchored, {},
                             [](const Placed& each) -> const std::string& { return each.expression.text; });
    std::vector<Layout::Planned> shards;
    for (std::span<Placed> rest(anchored); !rest.empty(); rest = rest.subspan(std::min(rest.size(), Shards::kShard)))
      shards.push_back(planned(rest.first(std::min(rest.size(), Shards::kShard))));
    return shards;
  }

  Layout::Planned planned(std::span<Placed> list) {
    std::ranges::stable_sort(list, {}, &Placed::content);
    std::string content;
    for (const auto& each : list) content += each.content;
    const auto [known, fresh] = content_numbers_.try_emplace(std::move(content), layout_.contents.size());
    Layout::Planned planned{known->second, {}};
    if (fresh) layout_.contents.emplace_back();
    for (auto& each : list) {
      planned.meanings.push_back(each.meaning);
      if (fresh) layout_.contents.back().push_back(std::move(each.expression));
    }
    return planned;
  }

  Layout layout_;
  std::array<std::vector<Placed>, kDatabaseCount> placed_;
  std::array<std::vector<Placed>, kTableCount> anchored_;
  std::array<bool, kTableCount> unguarded_{};  // some literal may stand anywhere
  std::map<std::string, std::size_t> content_numbers_;
};

}  // namespace

std::vector<Pattern> as_searched(std::span<const Pattern> patterns, std::span<const SignatureTraits> traits) {
  std::vector<Pattern> searched(patterns.begin(), patterns.end());
  std::map<std::string, std::vector<Pattern*>> by_literal;
  for (auto& pattern : searched) {
    if (pattern.search != Search::kAnchored) continue;
    if (bits_of(start_of(pattern.expression, pattern.caseless)) >= kTellingBits) continue;
    // Of a threat in its own case: more literals with letters of either case would be found by chance.
    const bool either_case = !traits[pattern.signature].threat;
    auto literal = required_literal(pattern.expression, pattern.caseless || either_case);
    if (!literal || literal->size() < kTellingLiteral) continue;
    by_literal[*literal].push_back(&pattern);
  }
  for (const auto& [literal, sharing] : by_literal)
    for (auto* pattern : sharing) {
      const bool threat = traits[pattern->signature].threat;
      if (!threat && sharing.size() > kMostSharing) continue;
      pattern->search = Search::kConfirmed;
      pattern->literal = literal;
      pattern->literal_caseless = !threat;
    }
  return searched;
}

Expression expression_of(const Pattern& pattern) {
  return {.text = pattern.search == Search::kLiteral ? escaped(pattern.literal) : pattern.expression,
          .caseless = pattern.caseless,
          .min_offset = pattern.min_offset,
          .max_offset = pattern.max_offset,
          .min_length = pattern.min_length,
          .pattern = &pattern};
}

Layout lay_out(std::span<const Pattern> patterns, std::span<const SignatureTraits> traits) {
  return Builder(patterns, traits).finish();
}

}  // namespace wardline::classify
