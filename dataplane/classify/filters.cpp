#include "dataplane/classify/filters.h"

#include <algorithm>
#include <charconv>

namespace wardline::classify {
namespace {

using Candidates = std::vector<StartFilter::Candidate>;

// A match ends at `min_offset` or later and has at least `min_length` bytes, so the payload has as many.
StartFilter::Candidate candidate_of(const Expression& expression, std::size_t exact_length) {
  auto start = start_of(expression.text, expression.caseless);
  const bool anchored = start.shortest != 0;
  start.shortest = std::max({start.shortest, std::size_t{expression.min_offset}, std::size_t{expression.min_length}});
  return {start, exact_length, anchored ? gate_of(expression.text, expression.caseless) : std::nullopt};
}

// Those of the shards, then the whole ones.
Candidates starts_of(const Layout& layout, std::size_t table, std::span<const SignatureTraits> traits) {
  Candidates candidates;
  const auto add = [&](const Expression& expression, const Meaning& meaning) {
    candidates.push_back(candidate_of(expression, traits[meaning.signature].exact_length));
  };
  for (const auto& shard : layout.shards[table]) {
    const auto& expressions = layout.contents[shard.content];
    for (std::size_t i = 0; i < expressions.size(); ++i) add(expressions[i], shard.meanings[i]);
  }
  for (const auto& [expression, meaning] : layout.wholes[table]) add(expression, meaning);
  return candidates;
}

// Guards are only asked whether there is one: those that many messages begin like come first.
bool is_wide(const StartFilter::Candidate& candidate) {
  std::size_t allowed = 0;
  for (const auto& bytes : candidate.start.at) allowed += bytes.count();
  return allowed >= Start::kPositions * 128;
}

Candidates guards_of(std::span<const Expression> expressions) {
  Candidates candidates;
  for (const auto& expression : expressions) candidates.push_back(candidate_of(expression, 0));
  std::ranges::stable_sort(candidates, {}, [](const auto& each) { return each.start.at[0].to_string(); });
  std::ranges::stable_partition(candidates, is_wide);
  return candidates;
}

// The bytes that escaped() wrote. Not the pattern's literal: databases of equal content are one, whatever pattern an
// expression in it is from.
std::string unescaped(std::string_view text) {
  std::string bytes;
  for (; text.size() >= 4; text.remove_prefix(4)) {
    unsigned value = 0;
    std::from_chars(text.data() + 2, text.data() + 4, value, 16);
    bytes += static_cast<char>(value);
  }
  return bytes;
}

// Of the literals of the table's own subject: those of an application stand in one database with the threats'.
GramFilter gram_filter(const Layout& layout, const Layout::Planned& planned, Subject subject,
                       std::span<const SignatureTraits> traits) {
  const auto& expressions = layout.contents[planned.content];
  std::vector<std::string> literals;
  for (std::size_t i = 0; i < expressions.size(); ++i)
    if (traits[planned.meanings[i].signature].threat == (subject == Subject::kThreat))
      literals.push_back(unescaped(expressions[i].text));
  return GramFilter(literals);
}

}  // namespace

void fill_filters(Filters& filters, const Layout& layout, std::span<const SignatureTraits> traits) {
  for (std::size_t table = 0; table < kTableCount; ++table) {
    auto& starts = filters.starts[table / 2];
    starts.fill(starts_of_subject(subject_of(table)), starts_of(layout, table, traits));
    filters.guarded[table] = layout.guarded[table];
    if (layout.guarded[table]) starts.fill(guards_of_subject(subject_of(table)), guards_of(layout.guards[table]));
    const auto& literals = layout.databases[database_index(table, Group::kLiteral)];
    if (literals.content != Layout::kNothing)
      filters.grams[table] = gram_filter(layout, literals, subject_of(table), traits);
  }
}

}  // namespace wardline::classify
