#include "dataplane/classify/filters.h"

#include <algorithm>
#include <charconv>

namespace wardline::classify {
namespace {

// A match ends at `min_offset` or later and has at least `min_length` bytes, so the payload has as many.
Start bounded_start(const Expression& expression) {
  auto start = start_of(expression.text, expression.caseless);
  start.shortest = std::max({start.shortest, std::size_t{expression.min_offset}, std::size_t{expression.min_length}});
  return start;
}

StartFilter start_filter(const std::vector<Expression>& expressions, const std::vector<Meaning>& meanings,
                         std::span<const SignatureTraits> traits) {
  std::vector<std::size_t> order(expressions.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::size_t i) -> const std::string& { return expressions[i].text; });
  std::vector<StartFilter::Candidate> candidates;
  for (const auto i : order)
    candidates.push_back(
        {bounded_start(expressions[i]), traits[meanings[i].signature].exact_length, meanings[i].single});
  return StartFilter(std::move(candidates));
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

GramFilter gram_filter(const std::vector<Expression>& expressions) {
  std::vector<std::string> literals;
  for (const auto& expression : expressions) literals.push_back(unescaped(expression.text));
  return GramFilter(literals);
}

}  // namespace

std::array<Filters, kTableCount> filters_of(const Layout& layout, std::span<const SignatureTraits> traits) {
  std::array<Filters, kTableCount> filters;
  for (std::size_t table = 0; table < kTableCount; ++table) {
    const auto planned = [&](Group group) -> const Layout::Planned& {
      return layout.databases[table * kGroupCount + static_cast<std::size_t>(group)];
    };
    if (const auto& anchored = planned(Group::kAnchored); anchored.content != Layout::kNothing)
      filters[table].starts = start_filter(layout.contents[anchored.content], anchored.meanings, traits);
    if (const auto& literals = planned(Group::kLiteral); literals.content != Layout::kNothing)
      filters[table].grams = gram_filter(layout.contents[literals.content]);
  }
  return filters;
}

}  // namespace wardline::classify
