#include "controlplane/signature_import/expression.h"

#include <algorithm>

#include <fmt/format.h>

#include "controlplane/policy/regex_text.h"
#include "controlplane/signature_import/sample.h"

namespace wardline::signature_import {
namespace {

using Refused = std::unexpected<std::string>;
constexpr std::int64_t kLongestGap = 4096;

// Names on the wire have a length where people write a dot (RFC 1035, 3.1).
std::string name_expression(std::string_view bytes) {
  std::string expression;
  std::size_t begin = 0;
  while (begin <= bytes.size()) {
    const auto dot = std::min(bytes.find('.', begin), bytes.size());
    expression += policy::expression_of(bytes.substr(begin, dot - begin));
    if (dot == bytes.size()) break;
    expression += R"([\x01-\x3f])";
    begin = dot + 1;
  }
  return expression;
}

std::string text_of(const Element& element, const Buffer& buffer, bool all_caseless) {
  std::string text = element.text;
  if (element.fixed)
    text = buffer.holder == Holder::kDnsQuestion ? name_expression(element.text) : policy::expression_of(element.text);
  // The reader knows an expression of the first byte by the ^ it begins with.
  const bool first_byte = !element.fixed && text.starts_with('^') && !policy::open_alternatives(text).any;
  if (first_byte) text.erase(0, 1);
  const std::string_view before = first_byte ? "^" : "";
  if (element.caseless && !all_caseless) return fmt::format("{}(?i:{})", before, text);
  return element.fixed ? text : fmt::format("{}(?:{})", before, text);
}

std::string gap(const Buffer& buffer, std::int64_t low, std::optional<std::int64_t> high) {
  if (high && *high == 0 && low == 0) return "";
  if (!high) return low == 0 ? fmt::format("{}*", buffer.inside) : fmt::format("{}{{{},}}", buffer.inside, low);
  return fmt::format("{}{{{},{}}}", buffer.inside, low, *high);
}

std::expected<std::string, std::string> sample_of(const Element& element) {
  if (element.fixed) return element.text;
  if (const auto refused = policy::refused_construct(element.text))
    return Refused(fmt::format("the expression '{}': {}", element.text, *refused));
  if (policy::anchor_inside(std::string_view(element.text).substr(element.text.starts_with('^') ? 1 : 0)))
    return Refused(
        fmt::format("the expression '{}' asks for the first byte, or for the begin of a line, behind its own "
                    "beginning; threats are also looked for in later bytes, where that cannot be told",
                    element.text));
  auto sample = signature_import::sample_of(element.text);
  if (!sample) return Refused(fmt::format("no example can be made of the expression '{}'", element.text));
  return *sample;
}

// Where the chain's first element may begin in its buffer.
struct Begin {
  std::int64_t low = 0;
  std::optional<std::int64_t> high;
};

std::expected<Begin, std::string> begin_of(const Element& first) {
  if (first.starts) return Begin{0, 0};
  Begin begin{first.offset.value_or(0), std::nullopt};
  if (first.depth) {
    if (!first.fixed) return Refused("a depth at an expression whose length is not known");
    begin.high = begin.low + *first.depth - static_cast<std::int64_t>(first.text.size());
    if (*begin.high < begin.low) return Refused("the depth is shorter than the content");
  }
  return begin;
}

}  // namespace

std::expected<PatternText, std::string> pattern_of(const Chain& chain) {
  const Buffer& buffer = *chain.buffer;
  const Element& first = chain.elements.front();
  PatternText pattern;
  pattern.buffer = &buffer;
  pattern.negated = first.negated;
  pattern.caseless = std::ranges::all_of(chain.elements, &Element::caseless);
  const auto begin = begin_of(first);
  if (!begin) return Refused(begin.error());
  if (first.negated &&
      (first.relative() || first.offset || first.depth || first.starts || first.ends || !buffer.name.empty()))
    return Refused("what must not be there is tied to a place, and a pattern is looked for in all of the payload");

  const bool placed = begin->low != 0 || begin->high;
  const bool whole = buffer.name.empty();
  std::string body;
  pattern.sample_from = begin->low;
  pattern.sample_to = begin->high.value_or(-1);
  for (std::size_t i = 0; i < chain.elements.size(); ++i) {
    const Element& element = chain.elements[i];
    auto sample = sample_of(element);
    if (!sample) return Refused(sample.error());
    if (i > 0) {
      const auto low = element.distance.value_or(0);
      // `within` counts from the end of the element before to the end of this one, the distance included.
      std::optional<std::int64_t> high = element.within;
      if (high && element.fixed) *high -= static_cast<std::int64_t>(element.text.size());
      if (high && *high < low) return Refused("`within` is shorter than the content");
      if (low > kLongestGap || high.value_or(0) > kLongestGap)
        return Refused(fmt::format("a distance of more than {} bytes", kLongestGap));
      body += gap(buffer, low, high);
      pattern.sample += std::string(static_cast<std::size_t>(low), 'x');
    }
    body += text_of(element, buffer, pattern.caseless);
    pattern.sample += *sample;
  }
  if (chain.elements.back().ends) {
    body += whole ? std::string(R"(\z)") : std::string(buffer.suffix);
    pattern.sample_ends = true;
  }
  if (begin->low > kLongestGap) return Refused(fmt::format("an offset of more than {} bytes", kLongestGap));
  const bool one_text = chain.elements.size() == 1 && first.fixed && !pattern.sample_ends;
  if (whole && placed && one_text) {  // fixed bytes between two bounds: the language has keys for that
    const auto length = static_cast<std::int64_t>(first.text.size());
    pattern.offset = static_cast<std::uint32_t>(begin->low + length);
    pattern.depth = begin->high ? static_cast<std::uint32_t>(*begin->high + length) : 0;
  } else if (whole && placed) {
    body = "^" + gap(buffer, begin->low, begin->high) + body;
  } else if (!whole) {
    body = std::string(buffer.prefix) + gap(buffer, begin->low, begin->high) + body;
  }
  pattern.expression = std::move(body);
  return pattern;
}

}  // namespace wardline::signature_import
