#include "dataplane/classify/layout.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "dataplane/classify/literal.h"
#include "dataplane/classify/ordinary.h"
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
Expression trigger_of(const Pattern& pattern, std::string_view literal) {
  return {.text = escaped(literal), .caseless = pattern.caseless || pattern.literals_caseless, .pattern = &pattern};
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
bool is_decided_by_start(const Pattern& pattern) {
  return pattern.search == Search::kAnchored && pattern.min_offset == 0 && pattern.max_offset == 0 &&
         pattern.min_length == 0 && start_of(pattern.expression, pattern.caseless).whole;
}

// How much the first bytes say: 8 for each that is known.
double bits_of(std::span<const ByteSet> places) {
  double bits = 0;
  for (const auto& bytes : places) bits += 8 - std::log2(static_cast<double>(std::max(bytes.count(), std::size_t{1})));
  return bits;
}

bool allows(const Start& start, std::string_view beginning) {
  for (std::size_t i = 0; i < std::min(beginning.size(), Start::kPositions); ++i)
    if (!start.at[i][static_cast<unsigned char>(beginning[i])]) return false;
  return true;
}

// How many of its first bytes an ordinary beginning may stand for: those tell nothing.
std::size_t ordinary_bytes(const Start& start) {
  std::size_t most = 0;
  for (const auto beginning : ordinary_beginnings())
    if (allows(start, beginning)) most = std::max(most, std::min(beginning.size(), Start::kPositions));
  return most;
}
double telling_bits(const Start& start) {
  return bits_of(std::span(start.at).subspan(ordinary_bytes(start)));
}
bool begins_like_many(const Expression& expression) {
  return ordinary_bytes(start_of(expression.text, expression.caseless)) != 0;
}

// Below, the beginning of an ordinary message is enough.
constexpr double kTellingBits = 64;
constexpr std::size_t kTellingLiteral = 3, kShortestTelling = 4;
// What more applications have in common, such as " HTTP/1.", tells none of them.
constexpr std::size_t kMostSharing = 2;
constexpr std::size_t kLongLiteral = 8;

// Whether an expression is better looked for by these than by how its matches begin. Of a few applications, which are
// looked for in few first bytes, less is enough: they are then not run over what begins alike and holds none.
bool tell_enough(std::span<const std::string> literals, bool application) {
  const auto telling = telling_of(literals), shortest = shortest_of(literals);
  return (telling >= kTellingLiteral && shortest >= kShortestTelling) || (application && shortest >= kLongLiteral);
}

class Builder {
 public:
  Builder(std::span<const Pattern> patterns, std::span<const SignatureTraits> traits)
      : beginnings_(beginnings_of(patterns, traits)) {
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
    const auto placed = is_confirmed(pattern) ? triggers_of(pattern) : std::vector{placed_alone(pattern)};
    const bool whole = is_decided_by_start(pattern);
    const auto subject = traits.threat ? Subject::kThreat : Subject::kApplication;
    for (const auto transport : {Transport::kTcp, Transport::kUdp})
      for (const auto sender : {Sender::kClient, Sender::kServer}) {
        const bool wanted = (transport == Transport::kTcp ? traits.tcp : traits.udp) &&
                            (sender == Sender::kClient ? traits.from_client : traits.from_server);
        if (!wanted) continue;
        const auto table = table_index(transport, sender, subject);
        if (whole) {
          layout_.wholes[table].push_back({placed[0].expression, placed[0].meaning});
          continue;
        }
        guard(pattern, table);
        const auto add_to = [&](std::vector<Placed>& list) { list.insert(list.end(), placed.begin(), placed.end()); };
        if (pattern.search == Search::kAnchored) {
          add_to(anchored_[table]);
          continue;
        }
        const auto group = group_of(pattern);
        add_to(placed_[database_index(table, group)]);
        // What is searched for applications is searched for threats in the same pass.
        if (group == Group::kLiteral && subject == Subject::kThreat)
          add_to(placed_[database_index(table_index(transport, sender, Subject::kApplication), group)]);
      }
  }

  static Placed placed_alone(const Pattern& pattern) {
    Placed placed{{}, expression_of(pattern), meaning_of(pattern)};
    placed.content = placed.expression.content();
    return placed;
  }

  // A confirmed expression gets a database of its own, and its literals have that one run.
  std::vector<Placed> triggers_of(const Pattern& pattern) {
    auto alone = placed_alone(pattern);
    auto meaning = alone.meaning;
    meaning.single = static_cast<std::uint32_t>(layout_.singles.size());
    meaning.kind = Meaning::Kind::kTrigger;
    layout_.singles.push_back(planned(std::span(&alone, 1)));
    std::vector<Placed> triggers;
    for (const auto& literal : pattern.literals) {
      Placed trigger{{}, trigger_of(pattern, literal), meaning};
      trigger.content = trigger.expression.content();
      triggers.push_back(std::move(trigger));
    }
    return triggers;
  }

  // Threats are looked for wherever they stand, so their literals are searched in all payload anyway.
  void guard(const Pattern& pattern, std::size_t table) {
    if (group_of(pattern) != Group::kLiteral || pattern.search == Search::kAnchored) return;
    if (is_confirmed(pattern) && pattern.expression.starts_with('^'))
      layout_.guards[table].push_back(expression_of(pattern));
    else if (const auto* beginning = beginnings_[pattern.signature]; beginning != nullptr)
      layout_.guards[table].push_back(expression_of(*beginning));
    else
      unguarded_[table] = true;
  }

  std::vector<Layout::Planned> shards_of(std::vector<Placed>& anchored) {
    std::ranges::stable_sort(anchored, {},
                             [](const Placed& each) -> const std::string& { return each.expression.text; });
    // Those that half of all messages begin like are run by all of these: they stand together, in shards of their own.
    const auto others =
        std::ranges::stable_partition(anchored, [](const Placed& each) { return begins_like_many(each.expression); });
    const std::span all(anchored);
    std::vector<Layout::Planned> shards;
    const auto cut = [&](std::span<Placed> part, std::size_t most) {
      for (; !part.empty(); part = part.subspan(std::min(part.size(), most)))
        shards.push_back(planned(part.first(std::min(part.size(), most))));
    };
    cut(all.first(all.size() - others.size()), Shards::kMostAlike);
    cut(all.last(others.size()), Shards::kMost);
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
  std::vector<const Pattern*> beginnings_;
  std::map<std::string, std::size_t> content_numbers_;
};

}  // namespace

std::vector<Pattern> as_searched(std::span<const Pattern> patterns, std::span<const SignatureTraits> traits) {
  std::vector<Pattern> searched(patterns.begin(), patterns.end());
  std::map<std::vector<std::string>, std::vector<Pattern*>> by_literals;
  for (auto& pattern : searched) {
    if (pattern.search != Search::kAnchored || is_decided_by_start(pattern)) continue;
    if (telling_bits(start_of(pattern.expression, pattern.caseless)) >= kTellingBits) continue;
    // Of a threat in its own case: more literals with letters of either case would be found by chance.
    const bool application = !traits[pattern.signature].threat;
    auto literals = required_literals(pattern.expression, {pattern.caseless, pattern.caseless || application});
    if (tell_enough(literals, application)) by_literals[std::move(literals)].push_back(&pattern);
  }
  for (const auto& [literals, sharing] : by_literals)
    for (auto* pattern : sharing) {
      const bool threat = traits[pattern->signature].threat;
      if (!threat && sharing.size() > kMostSharing) continue;
      pattern->search = Search::kConfirmed;
      pattern->literals = literals;
      pattern->literals_caseless = !threat;
    }
  return searched;
}

std::vector<const Pattern*> beginnings_of(std::span<const Pattern> patterns, std::span<const SignatureTraits> traits) {
  std::vector<const Pattern*> beginnings(traits.size());
  std::vector<std::size_t> positive(traits.size());
  for (const auto& pattern : patterns) {
    if (pattern.negated) continue;
    ++positive[pattern.signature];
    if (pattern.search == Search::kAnchored) beginnings[pattern.signature] = &pattern;
  }
  for (std::size_t i = 0; i < traits.size(); ++i)
    if (traits[i].pattern_count != positive[i]) beginnings[i] = nullptr;
  return beginnings;
}

Expression expression_of(const Pattern& pattern) {
  return {.text = pattern.search == Search::kLiteral ? escaped(pattern.literals.at(0)) : pattern.expression,
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
