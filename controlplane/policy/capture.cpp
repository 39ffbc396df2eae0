#include "controlplane/policy/capture.h"

#include <re2/re2.h>

#include <algorithm>

#include <fmt/format.h>

namespace wardline::policy {
namespace {

constexpr std::int64_t kMaxMemory = 1 << 20;  // of one expression's automata

// Text of two bytes a letter, as Windows writes it: its Latin letters have an empty second byte.
std::string narrowed(std::string_view text) {
  const bool wide = text.size() >= 4 && text.size() % 2 == 0 && text[1] == '\0' && text[3] == '\0';
  if (!wide) return std::string(text);
  std::string narrow;
  for (std::size_t i = 0; i < text.size(); i += 2) narrow += text[i + 1] == '\0' ? text[i] : '?';
  return narrow;
}

std::string captured(const re2::RE2& expression, int group, std::string_view bytes) {
  constexpr int kMostGroups = 10;
  std::array<re2::StringPiece, kMostGroups> groups;
  const re2::StringPiece text(bytes.data(), bytes.size());
  if (!expression.Match(text, 0, text.size(), re2::RE2::UNANCHORED, groups.data(), group + 1)) return {};
  const auto& part = groups[static_cast<std::size_t>(group)];
  return part.data() == nullptr ? std::string() : narrowed({part.data(), part.size()});
}

}  // namespace

bool DeviceSignatures::matches(std::size_t signature, const classify::ScanInput& input) const {
  const auto hits = databases_->scan(input, 0);
  const auto end = hits.threats.begin() + hits.threat_count;
  return std::find(hits.threats.begin(), end, signature) != end;
}

std::vector<DeviceSignatures::Told> DeviceSignatures::ask(classify::ScanInput input) const {
  std::vector<Told> told;
  input.bytes = input.bytes.first(std::min(input.bytes.size(), kMaxBytes));
  const auto hits = databases_->scan(input, 0);
  const std::string_view text(reinterpret_cast<const char*>(input.bytes.data()), input.bytes.size());
  for (std::size_t i = 0; i < hits.threat_count; ++i) {
    const auto& signature = signatures_[hits.threats[i]];
    for (const auto& [attribute, value] : signature.sets) told.push_back({signature.id, attribute, value});
    for (const auto& capture : signature.captures)
      if (auto value = captured(*capture.expression, capture.group, text); !value.empty())
        told.push_back({signature.id, capture.attribute, std::move(value)});
  }
  return told;
}

Result<std::shared_ptr<const re2::RE2>> capture_expression(const classify::Pattern& pattern, int group) {
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_dot_nl(true);
  options.set_case_sensitive(!pattern.caseless);
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemory);
  auto expression = std::make_shared<const re2::RE2>(pattern.expression, options);
  if (!expression->ok())
    return fail("signature.captures", pattern.where,
                fmt::format("its captures need an expression that RE2 can read, found '{}': {}", pattern.expression,
                            expression->error()));
  if (group > expression->NumberOfCapturingGroups())
    return fail("signature.captures", pattern.where,
                fmt::format("group {} is asked for, the expression has {}: mark the part with ( )", group,
                            expression->NumberOfCapturingGroups()));
  return expression;
}

}  // namespace wardline::policy
