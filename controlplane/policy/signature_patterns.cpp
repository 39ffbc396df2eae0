// What a signature looks for: its patterns, where they may stand, and how they are searched.
#include <algorithm>

#include <fmt/format.h>

#include "controlplane/policy/regex_text.h"
#include "controlplane/policy/signature_examples.h"
#include "controlplane/policy/signature_reader.h"
#include "controlplane/policy/signature_words.h"
#include "dataplane/classify/literal.h"

namespace wardline::policy {
namespace {

// One pattern as it is written.
struct PatternDraft {
  std::string expression;
  std::string literal;                // bytes that each match has
  bool fixed = false;                 // the pattern is these bytes and nothing else
  std::vector<std::string> literals;  // of an expression: what it is looked for by; none: what can be read from it
  bool caseless = false, negated = false;
  std::uint32_t offset = 0, depth = 0;           // of the match's end; 0: no bound
  std::optional<std::int64_t> distance, within;  // between the former pattern's end and this one's begin
  YamlValue value;
};

// Keys that a whole signature may say for all its patterns, and a pattern for itself.
struct Bounds {
  std::uint32_t offset = 0, depth = 0;
  bool caseless = false;
};

Bounds read_bounds(YamlMap& map, const Bounds& otherwise) {
  Bounds bounds = otherwise;
  const auto offset = map.get("offset"), depth = map.get("depth"), caseless = map.get("caseless");
  const auto number = [](const YamlValue& value, std::string_view what) {
    return static_cast<std::uint32_t>(value.as_number(1, kMaxScanBytes, what).value_or(0));
  };
  if (offset) bounds.offset = number(offset, "an offset in bytes");
  if (depth) bounds.depth = number(depth, "a depth in bytes");
  if (caseless) bounds.caseless = caseless.as_bool().value_or(false);
  if (bounds.offset != 0 && bounds.depth != 0 && bounds.offset > bounds.depth)
    (offset ? offset : depth)
        .error("signature.offset", fmt::format("expected an offset up to the depth {}, found {}: nothing could match",
                                               bounds.depth, bounds.offset));
  return bounds;
}

bool read_expression(const YamlValue& value, PatternDraft& draft) {
  const auto expression = value.as_text(4096);
  if (!expression) return false;
  if (expression->empty() || expression->find('\0') != std::string::npos) {
    value.error("signature.pattern", "expected a regular expression without NUL bytes (write \\x00), found " +
                                         std::string(expression->empty() ? "an empty text" : "a NUL byte"));
    return false;
  }
  if (const auto refused = refused_construct(*expression)) {
    value.error("signature.construct",
                fmt::format("expected an expression that Hyperscan can do, found '{}': {}", *expression, *refused));
    return false;
  }
  if (expression->starts_with('^') && open_alternatives(*expression).some_without_anchor) {
    value.error("signature.alternatives",
                fmt::format("in '{}' the ^ holds for the first alternative alone; write ^(?:A|B), or two patterns with "
                            "`match: any`",
                            *expression));
    return false;
  }
  if (const auto at = anchor_inside(*expression)) {
    value.error("signature.anchor",
                fmt::format("in '{}' the character {} asks for the first byte, but the expression does not begin with "
                            "it; begin with ^ (for letters of either case with `caseless: true`), or write two "
                            "patterns with `match: any`",
                            *expression, *at + 1));
    return false;
  }
  draft.expression = *expression;
  return true;
}

bool read_literal(const YamlValue& value, PatternDraft& draft) {
  const auto written = value.as_text(4096);
  if (!written) return false;
  const auto bytes = decode_payload(*written);
  if (!bytes || bytes->empty()) {
    value.error("signature.literal", "expected \"hex: 01 00*4 ff\" or a text with \\r \\n \\t \\0 \\\\ \\xNN, found '" +
                                         written->substr(0, 60) + "'");
    return false;
  }
  draft.literal = *bytes;
  return true;
}

// `pattern: '^..'`, `literal: 'bytes'`, or both: an expression and bytes that each of its matches has.
std::optional<PatternDraft> read_body(YamlMap& map, const YamlValue& at) {
  const auto pattern = map.get("pattern"), literal = map.get("literal");
  PatternDraft draft;
  draft.value = pattern ? pattern : literal ? literal : at;
  if (!pattern && !literal) return map.require("pattern"), std::nullopt;
  if (pattern && !read_expression(pattern, draft)) return std::nullopt;
  if (literal && !read_literal(literal, draft)) return std::nullopt;
  if (pattern) {
    const auto bytes = fixed_bytes_of(draft.expression);
    draft.fixed = bytes.has_value();
    if (bytes) draft.literal = *bytes;
    if (literal && !draft.fixed) draft.literals = {draft.literal};
  } else {
    draft.fixed = true;
    draft.expression = expression_of(draft.literal);
  }
  return draft;
}

std::optional<PatternDraft> read_item(const YamlValue& value, const Bounds& outer) {
  if (!value.is_map()) {
    PatternDraft draft;
    draft.value = value;
    if (!read_expression(value, draft)) return std::nullopt;
    const auto bytes = fixed_bytes_of(draft.expression);
    draft.fixed = bytes.has_value();
    draft.literal = bytes.value_or("");
    draft.offset = outer.offset, draft.depth = outer.depth, draft.caseless = outer.caseless;
    return draft;
  }
  auto map = *value.as_map();
  auto draft = read_body(map, value);
  const auto bounds = read_bounds(map, outer);
  const auto gap = [&](std::string_view key) { return map.get(key).as_number(0, kMaxGap, "a number of bytes"); };
  const auto distance = gap("distance"), within = gap("within");
  const auto negated = map.get("negate").as_bool().value_or(false);
  map.finish();
  if (!draft) return std::nullopt;
  draft->offset = bounds.offset, draft->depth = bounds.depth, draft->caseless = bounds.caseless;
  draft->distance = distance, draft->within = within, draft->negated = negated;
  draft->value = value;
  return draft;
}

std::vector<std::string> literals_in(std::string_view expression, bool caseless) {
  return classify::required_literals(expression, {.expression = caseless, .strings = caseless});
}

classify::Pattern finished(const PatternDraft& draft) {
  classify::Pattern pattern;
  pattern.expression = draft.expression;
  pattern.caseless = draft.caseless;
  pattern.negated = draft.negated;
  pattern.min_offset = draft.offset;
  pattern.max_offset = draft.depth;
  pattern.where = draft.value.at().text();
  if (draft.expression.starts_with('^')) {
    pattern.search = classify::Search::kAnchored;
  } else if (draft.fixed) {
    pattern.search = classify::Search::kLiteral;
    pattern.literals = {draft.literal};
  } else {
    pattern.search = classify::Search::kConfirmed;
    pattern.literals = draft.literals.empty() ? literals_in(draft.expression, draft.caseless) : draft.literals;
  }
  return pattern;
}

// The first pattern of a sequence keeps its own bounds only if its length is known, since they speak of its end.
std::string begin_of_sequence(const PatternDraft& draft) {
  if (draft.expression.starts_with('^')) {
    if (draft.offset != 0 || draft.depth != 0 || open_alternatives(draft.expression).any)
      draft.value.error(
          "signature.sequence",
          "a sequence that begins with ^ has its alternatives in a group, ^(?:A|B), and no offset and depth");
    return draft.expression;
  }
  if (draft.offset == 0 && draft.depth == 0) return "(?:" + draft.expression + ")";
  const auto length = draft.literal.size();
  if (!draft.fixed || (draft.depth != 0 && draft.depth < length)) {
    draft.value.error("signature.sequence",
                      "offset and depth of a sequence need a literal as its first pattern, that fits into the depth; "
                      "write the place into the expression: '^.{4,20}...'");
    return draft.expression;
  }
  const auto low = draft.offset > length ? draft.offset - length : 0;
  return draft.depth == 0 ? fmt::format("^.{{{},}}{}", low, draft.expression)
                          : fmt::format("^.{{{},{}}}{}", low, draft.depth - length, draft.expression);
}

// A gap of `distance` to `within` bytes between the end of one pattern and the begin of the next.
std::string gap_before(const PatternDraft& draft) {
  const auto low = draft.distance.value_or(0);
  if (!draft.within) return low == 0 ? ".*" : fmt::format(".{{{},}}", low);
  if (*draft.within < low)
    draft.value.error("signature.sequence", fmt::format("expected `within` of at least the distance {}, found {}: "
                                                        "nothing could match",
                                                        low, *draft.within));
  return fmt::format(".{{{},{}}}", low, *draft.within);
}

// A sequence is one expression: the patterns in their order with the gaps between them.
PatternDraft joined(const std::vector<PatternDraft>& parts) {
  PatternDraft all = parts.front();
  all.expression = begin_of_sequence(all);
  all.fixed = false;
  all.offset = all.depth = 0;
  // What tells most of all that its parts hold tells best where to look closer.
  const auto offer = [&all](std::vector<std::string> literals) {
    if (classify::tells_more(literals, all.literals)) all.literals = std::move(literals);
  };
  if (!all.literal.empty()) offer({all.literal});
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto& part = parts[i];
    if (part.expression.starts_with('^'))
      part.value.error("signature.sequence", "only the first pattern of a sequence may begin with ^");
    if (part.caseless != all.caseless)
      part.value.error("signature.sequence",
                       "expected `caseless` once for the whole sequence, which is one expression; write [Aa] for the "
                       "letters that may be either");
    all.expression += gap_before(part) + "(?:" + part.expression + ")";
    if (!part.literal.empty()) offer({part.literal});
  }
  offer(literals_in(all.expression, all.caseless));
  return all;
}

void check_gaps(const std::vector<PatternDraft>& drafts, bool sequence) {
  bool first = true;
  for (const auto& draft : drafts) {
    const bool gap = draft.distance.has_value() || draft.within.has_value();
    if (gap && (!sequence || first || draft.negated))
      draft.value.error("signature.sequence",
                        "distance and within count from the pattern before: they stand in a `match: sequence`, not in "
                        "its first pattern and not beside negate");
    if (sequence && !first && !draft.negated && (draft.offset != 0 || draft.depth != 0))
      draft.value.error("signature.sequence", "offset and depth stand in the first pattern of a sequence alone");
    first = first && draft.negated;
  }
}

void add_all(const std::vector<PatternDraft>& drafts, bool sequence, SignatureEntry& entry) {
  std::vector<PatternDraft> positive;
  for (const auto& draft : drafts)
    if (!draft.negated) positive.push_back(draft);
  if (positive.empty() && !drafts.empty())
    drafts.front().value.error("signature.negate",
                               "expected a pattern without `negate: true` beside: what is not there proves nothing");
  if (sequence && !positive.empty())
    entry.patterns.push_back(finished(joined(positive)));
  else
    for (const auto& draft : positive) entry.patterns.push_back(finished(draft));
  for (const auto& draft : drafts)
    if (draft.negated) entry.patterns.push_back(finished(draft));
}

std::size_t positive_count(const SignatureEntry& entry) {
  return static_cast<std::size_t>(
      std::ranges::count_if(entry.patterns, [](const auto& pattern) { return !pattern.negated; }));
}

void read_several(const YamlValue& several, const YamlValue& match, const Bounds& bounds, SignatureEntry& entry) {
  std::vector<PatternDraft> drafts;
  each_of(several, "pattern", [&](const YamlValue& value) {
    if (auto draft = read_item(value, bounds)) drafts.push_back(std::move(*draft));
  });
  if (drafts.size() > kMaxPatterns)
    several.error("signature.pattern",
                  fmt::format("expected at most {} patterns, found {}", kMaxPatterns, drafts.size()));
  const auto word = match ? match.as_one_of(kMatchWords) : std::optional<std::size_t>(0);
  const bool all = word == 1U, sequence = word == 2U;
  if (sequence && (bounds.offset != 0 || bounds.depth != 0))
    several.error("signature.sequence", "offset and depth of a sequence stand in its first pattern, not beside it");
  else
    check_gaps(drafts, sequence);
  add_all(drafts, sequence, entry);
  if (all) entry.traits.pattern_count = static_cast<std::uint8_t>(std::min(positive_count(entry), kMaxPatterns));
}

}  // namespace

void read_patterns(YamlMap& map, SignatureEntry& entry) {
  const auto one = map.get("pattern"), literal = map.get("literal"), several = map.get("patterns"),
             match = map.get("match");
  const auto bounds = read_bounds(map, {});
  if (several && (one || literal))
    several.error("signature.pattern", "expected either patterns, or pattern and literal; found both");
  if (several) {
    if (!match)
      several.error("signature.match", "expected `match: any`, `match: all` or `match: sequence` beside patterns");
    read_several(several, match, bounds, entry);
    return;
  }
  if (match) match.error("signature.match", "`match` goes with `patterns`, found `pattern`");
  auto draft = read_body(map, one);
  if (!draft) return;
  draft->offset = bounds.offset, draft->depth = bounds.depth, draft->caseless = bounds.caseless;
  entry.patterns.push_back(finished(*draft));
}

}  // namespace wardline::policy
