#include "controlplane/policy/regex_text.h"

#include <array>

#include <fmt/format.h>

namespace wardline::policy {
namespace {

// How a construct begins, and why there is none of it.
struct Refused {
  std::string_view begin, what;
};

constexpr std::string_view kLookAround =
    "a look-around: Hyperscan reads each byte once and cannot look ahead or back; write what stands there as part of "
    "the pattern, or as a second one with `match: all` or `negate: true`";
constexpr std::string_view kAtomic = "an atomic group: Hyperscan never goes back, so write (?:...)";
constexpr std::string_view kRecursion = "a call of a group: Hyperscan knows no nesting; write the text out";
constexpr std::string_view kVerb = "a control verb of backtracking, which Hyperscan does not do";
constexpr std::string_view kBack =
    "a reference back to a group: Hyperscan remembers no group; write the alternatives out";

constexpr std::array kGroups{
    Refused{"(?=", kLookAround},
    Refused{"(?!", kLookAround},
    Refused{"(?<=", kLookAround},
    Refused{"(?<!", kLookAround},
    Refused{"(?>", kAtomic},
    Refused{"(?R", kRecursion},
    Refused{"(?&", kRecursion},
    Refused{"(?P>", kRecursion},
    Refused{"(?P=", kBack},
    Refused{"(?(", "a condition: write two patterns with `match: any`"},
    Refused{"(?C", "a callout, which runs code"},
    Refused{"(*", kVerb},
};

constexpr std::array kEscapes{
    Refused{"k", kBack},
    Refused{"g", kBack},
    Refused{"G", "\\G, the end of a match before: each scan stands for itself; begin with ^ for the first byte"},
    Refused{"K", "\\K: Hyperscan tells where a match ends, not where it begins; use `captures` for a part of it"},
    Refused{"R", "\\R: write \\r?\\n"},
    Refused{"X", "\\X, a character of Unicode: patterns are over bytes"},
    Refused{"C", "\\C: `.` matches any byte here"},
};

std::string found_at(std::string_view what, std::size_t at) {
  return fmt::format("at its character {} it has {}", at + 1, what);
}

bool repeats(std::string_view text, std::size_t at) {
  return at < text.size() && (text[at] == '*' || text[at] == '+' || text[at] == '?');
}

// The length of a quantifier at `at`: * + ? {n} {n,} {n,m}; 0: none.
std::size_t quantifier(std::string_view text, std::size_t at) {
  if (repeats(text, at)) return 1;
  if (at >= text.size() || text[at] != '{') return 0;
  std::size_t end = at + 1;
  while (end < text.size() && ((text[end] >= '0' && text[end] <= '9') || text[end] == ',')) ++end;
  return end < text.size() && text[end] == '}' && end > at + 1 ? end + 1 - at : 0;
}

// Past the class that begins at `at`: a ']' straight after the begin belongs to it.
std::size_t past_class(std::string_view text, std::size_t at) {
  ++at;
  if (at < text.size() && text[at] == '^') ++at;
  if (at < text.size() && text[at] == ']') ++at;
  while (at < text.size() && text[at] != ']') at += text[at] == '\\' ? 2 : 1;
  return at + 1;
}

std::optional<std::string> refused_escape(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size()) return std::nullopt;
  const char letter = text[at + 1];
  if (letter >= '1' && letter <= '9') return found_at(kBack, at);
  for (const auto& each : kEscapes)
    if (each.begin.front() == letter) return found_at(each.what, at);
  return std::nullopt;
}

std::optional<int> hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// The byte that the escape after a backslash stands for, `at` then behind it; nullopt: a class or an assertion.
std::optional<char> escaped_byte(std::string_view text, std::size_t& at) {
  const char letter = text[at++];
  switch (letter) {
    case 'r':
      return '\r';
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'x': {
      const auto high = at < text.size() ? hex_value(text[at]) : std::nullopt;
      const auto low = at + 1 < text.size() ? hex_value(text[at + 1]) : std::nullopt;
      if (!high || !low) return std::nullopt;
      at += 2;
      return static_cast<char>(*high << 4 | *low);
    }
    default:
      break;
  }
  const bool word =
      (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
  return word ? std::nullopt : std::optional(letter);
}

}  // namespace

std::optional<std::string> refused_construct(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\\') {
      if (auto refused = refused_escape(text, at)) return refused;
      const auto quoted = text.substr(at, 2) == "\\Q" ? text.find("\\E", at) : std::string_view::npos;
      at = quoted != std::string_view::npos ? quoted + 2 : at + 2;
      continue;
    }
    if (text[at] == '(')
      for (const auto& each : kGroups)
        if (text.substr(at).starts_with(each.begin)) return found_at(each.what, at);
    if (text.substr(at).starts_with("(?") && at + 2 < text.size() && text[at + 2] >= '0' && text[at + 2] <= '9')
      return found_at(kRecursion, at);
    if (text[at] == '[') {
      at = past_class(text, at);
      continue;
    }
    if (const auto length = quantifier(text, at); length != 0) {
      at += length;
      if (at < text.size() && text[at] == '+')
        return found_at("a possessive quantifier: Hyperscan never goes back, so leave its '+' out", at);
      if (at < text.size() && text[at] == '?') ++at;
      continue;
    }
    ++at;
  }
  return std::nullopt;
}

OpenAlternatives open_alternatives(std::string_view text) {
  OpenAlternatives found{.some_without_anchor = !text.starts_with('^')};
  int depth = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '[') {
      at = past_class(text, at);
      continue;
    }
    if (text[at] == '|' && depth == 0) {
      found.any = true;
      found.some_without_anchor = found.some_without_anchor || text.substr(at + 1, 1) != "^";
    }
    depth += text[at] == '(' ? 1 : text[at] == ')' ? -1 : 0;
    at += text[at] == '\\' ? 2 : 1;
  }
  return found;
}

std::optional<std::size_t> anchor_inside(std::string_view text) {
  if (text.starts_with('^')) return std::nullopt;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '[') {
      at = past_class(text, at);
    } else if (text[at] == '\\') {
      if (text.substr(at, 2) == "\\A") return at;
      const auto quoted = text.substr(at, 2) == "\\Q" ? text.find("\\E", at) : std::string_view::npos;
      at = quoted != std::string_view::npos ? quoted + 2 : at + 2;
    } else if (text[at] == '^') {
      return at;
    } else {
      ++at;
    }
  }
  return std::nullopt;
}

std::optional<std::string> fixed_bytes_of(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at++];
    if (c == '\\') {
      if (at == text.size()) return std::nullopt;
      const auto byte = escaped_byte(text, at);
      if (!byte) return std::nullopt;
      bytes += *byte;
    } else if (std::string_view(".^$*+?()[]{}|").find(c) != std::string_view::npos) {
      return std::nullopt;
    } else {
      bytes += c;
    }
  }
  return bytes;
}

std::string expression_of(std::string_view bytes) {
  std::string expression;
  for (const char c : bytes) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ' ||
                       c == '_' || c == '/' || c == ':' || c == ',' || c == ';';
    expression += plain ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return expression;
}

}  // namespace wardline::policy
