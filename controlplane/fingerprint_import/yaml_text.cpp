#include "controlplane/fingerprint_import/yaml_text.h"

#include <fmt/format.h>

#include "dataplane/facts/wire_text.h"

namespace wardline::fingerprint_import {
namespace {

constexpr std::size_t kMaxId = 56;  // leaves room in a name for a number behind it

// In single quotes everything stands for itself but the quote.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char letter : text) out += letter == '\'' ? "''" : std::string(1, letter);
  return out + "'";
}

std::string slug(const std::string& text) {
  std::string out;
  for (const char letter : text) {
    const char low = facts::lower(letter);
    if ((low >= 'a' && low <= 'z') || facts::is_digit(low))
      out += low;
    else if (!out.empty() && !out.ends_with('-'))
      out += '-';
  }
  return out;
}

}  // namespace

std::string id_of(const std::string& before, const std::string& title) {
  auto id = slug(before + " " + title).substr(0, kMaxId);
  while (id.ends_with('-')) id.pop_back();
  return id;
}

std::string yaml_of(const Fingerprint& told, const std::string& id, const std::string& title,
                    const std::string& source) {
  std::string sets, examples;
  for (const auto& [attribute, form] : told.sets)
    sets += fmt::format("{}{}: {}", sets.empty() ? "" : ", ", attribute, quoted(form));
  for (const auto& value : told.examples)
    examples += fmt::format("{}{{{}: {}}}", examples.empty() ? "" : ", ", told.attribute, quoted(value));
  std::string text = fmt::format("  - id: {}\n    title: {}\n", id, quoted(title));
  for (const auto& note : told.notes) text += fmt::format("    # {}\n", note);
  text += fmt::format("    when: {{{}: {}}}\n    sets: {{{}}}\n", told.attribute, quoted(told.pattern), sets);
  text += fmt::format("    source: {}\n    examples: {{match: [{}]}}\n", quoted(source), examples);
  return text;
}

}  // namespace wardline::fingerprint_import
