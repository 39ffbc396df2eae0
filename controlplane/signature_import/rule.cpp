#include "controlplane/signature_import/rule.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace wardline::signature_import {
namespace {

constexpr std::size_t kShownBytes = 60;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// Cuts at a character that stands outside of quotes and brackets and is not escaped.
std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
      continue;
    }
    if (text[i] == '"') quoted = !quoted;
    if (quoted) continue;
    if (text[i] == '[') ++depth;
    if (text[i] == ']') --depth;
    if (text[i] != at || depth > 0) continue;
    parts.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

Option read_option(std::string_view text) {
  Option option;
  const auto colon = text.find(':');
  option.name = std::string(trimmed(text.substr(0, colon)));
  if (colon == std::string_view::npos) return option;
  auto value = trimmed(text.substr(colon + 1));
  if (value.starts_with('!') && value.find('"') != std::string_view::npos) {
    option.negated = true;
    value = trimmed(value.substr(1));
  }
  // Snort 3 writes modifiers behind the quotes: content:"abc",nocase,depth 3
  if (value.starts_with('"')) {
    std::size_t end = 1;
    while (end < value.size() && value[end] != '"') end += value[end] == '\\' ? 2 : 1;
    const auto inside = value.substr(1, std::min(end, value.size()) - 1);
    const auto behind = end + 1 < value.size() ? trimmed(value.substr(end + 1)) : std::string_view{};
    option.value = std::string(inside);
    if (!behind.empty()) option.value += '"' + std::string(behind);  // taken apart by who reads a content
    return option;
  }
  option.value = std::string(value);
  return option;
}

std::expected<Rule, std::string> read_rule(std::string_view text) {
  const auto open = text.find('(');
  if (open == std::string_view::npos || !text.ends_with(')')) return std::unexpected("expected options in ( )");
  std::vector<std::string_view> words;
  for (const auto word : split(text.substr(0, open), ' '))
    if (!trimmed(word).empty()) words.push_back(trimmed(word));
  Rule rule;
  // Snort 3 knows headers of a service alone: `alert http ( ... )`.
  if (words.size() == 2) words.insert(words.end(), {"any", "any", "->", "any", "any"});
  if (words.size() != 7)
    return std::unexpected(
        fmt::format("expected ACTION PROTOCOL ADDRESS PORT -> ADDRESS PORT, found {} words", words.size()));
  if (words[4] != "->" && words[4] != "<>")
    return std::unexpected(fmt::format("expected -> or <>, found '{}'", words[4]));
  rule.action = words[0];
  rule.protocol = words[1];
  rule.source = words[2];
  rule.source_port = words[3];
  rule.both_ways = words[4] == "<>";
  rule.destination = words[5];
  rule.destination_port = words[6];
  for (const auto part : split(text.substr(open + 1, text.size() - open - 2), ';'))
    if (!trimmed(part).empty()) rule.options.push_back(read_option(trimmed(part)));
  return rule;
}

// Whether a comment is a rule that somebody turned off.
bool is_disabled_rule(std::string_view comment) {
  const auto text = trimmed(comment.substr(std::min(comment.find_first_not_of('#'), comment.size())));
  static constexpr std::array<std::string_view, 6> kActions{"alert ", "drop ", "pass ", "reject ", "log ", "block "};
  return text.ends_with(')') &&
         std::ranges::any_of(kActions, [&](std::string_view action) { return text.starts_with(action); });
}

}  // namespace

std::string_view Rule::value_of(std::string_view name) const {
  const auto found = std::ranges::find(options, name, &Option::name);
  return found == options.end() ? std::string_view{} : std::string_view(found->value);
}

RuleFile read_rules(std::string_view text) {
  RuleFile file;
  std::uint32_t number = 0, begins_at = 0;
  std::string joined;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = trimmed(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    ++number;
    if (joined.empty()) begins_at = number;
    if (line.ends_with('\\')) {
      joined += line.substr(0, line.size() - 1);
      continue;
    }
    joined += line;
    const std::string whole = std::move(joined);
    joined.clear();
    if (whole.empty()) continue;
    if (whole.starts_with('#')) {
      file.disabled += is_disabled_rule(whole) ? 1 : 0;
      continue;
    }
    if (auto rule = read_rule(whole)) {
      rule->line = begins_at;
      file.rules.push_back(std::move(*rule));
    } else {
      file.unreadable.push_back({begins_at, rule.error(), whole.substr(0, kShownBytes)});
    }
  }
  return file;
}

}  // namespace wardline::signature_import
