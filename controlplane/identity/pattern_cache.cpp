#include "controlplane/identity/pattern_cache.h"

#include <memory>
#include <mutex>
#include <unordered_map>

#include "controlplane/policy/value_pattern.h"

namespace wardline::identity {
namespace {

constexpr std::size_t kMaxPatterns = 8192;  // many policies' worth; then all are forgotten and compiled anew

std::shared_ptr<const re2::RE2> compiled(const std::string& pattern) {
  static std::mutex mutex;
  static std::unordered_map<std::string, std::shared_ptr<const re2::RE2>> patterns;
  const std::lock_guard lock(mutex);
  const auto known = patterns.find(pattern);
  if (known != patterns.end()) return known->second;
  if (patterns.size() >= kMaxPatterns) patterns.clear();
  return patterns.emplace(pattern, policy::value_pattern(pattern).value_or(nullptr)).first->second;
}

}  // namespace

bool pattern_found(const std::string& pattern, std::string_view value) {
  const auto expression = compiled(pattern);
  return expression && re2::RE2::PartialMatch({value.data(), value.size()}, *expression);
}

}  // namespace wardline::identity
