#include "controlplane/policy/fingerprints.h"

#include <algorithm>

namespace wardline::policy {
namespace {

constexpr int kMostGroups = 10;

// The value with `\1` and the like filled in from what the pattern found.
std::string filled(const std::string& form, std::span<const re2::StringPiece> groups) {
  std::string value;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool group = form[i] == '\\' && i + 1 < form.size() && form[i + 1] >= '1' && form[i + 1] <= '9';
    if (!group) {
      value += form[i];
      continue;
    }
    const auto& part = groups[static_cast<std::size_t>(form[++i] - '0')];
    value.append(part.data() == nullptr ? "" : part.data(), part.size());
  }
  return value;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> DeviceFingerprint::told_by(std::span<const Seen> seen) const {
  std::array<re2::StringPiece, kMostGroups> groups;
  for (const auto& condition : when) {
    const bool first = &condition == &when.front();
    const int wanted = first ? std::min(condition.pattern->NumberOfCapturingGroups() + 1, kMostGroups) : 0;
    const bool met = std::ranges::any_of(seen, [&](const Seen& each) {
      if (each.attribute != condition.attribute) return false;
      const re2::StringPiece text(each.value.data(), each.value.size());
      return condition.pattern->Match(text, 0, text.size(), re2::RE2::UNANCHORED, groups.data(), wanted);
    });
    if (!met) return {};
  }
  std::vector<std::pair<std::string, std::string>> told;
  for (const auto& [attribute, form] : sets)
    if (auto value = filled(form, groups); !value.empty()) told.emplace_back(attribute, std::move(value));
  return told;
}

DeviceFingerprints::DeviceFingerprints(std::vector<DeviceFingerprint> all) : all_(std::move(all)) {
  for (std::size_t i = 0; i < all_.size(); ++i)
    for (const auto& condition : all_[i].when) {
      auto& numbers = by_attribute_[condition.attribute];
      if (numbers.empty() || numbers.back() != i) numbers.push_back(i);
    }
}

std::span<const std::size_t> DeviceFingerprints::asking(std::string_view attribute) const {
  const auto found = by_attribute_.find(attribute);
  return found == by_attribute_.end() ? std::span<const std::size_t>() : found->second;
}

}  // namespace wardline::policy
