#include "controlplane/identity/pattern_cache.h"

#include <memory>
#include <mutex>
#include <regex>
#include <unordered_map>

namespace wardline::identity {
namespace {

constexpr std::size_t kMaxPatterns = 8192;  // many policies' worth; then all are forgotten and compiled anew

std::shared_ptr<const std::regex> compile(std::string_view pattern) {
  // __polynomial: libstdc++'s matcher without backtracking. Values come from the wire, and with the ordinary matcher a
  // device could choose one that keeps a careless pattern busy for years.
  auto flags = std::regex::ECMAScript | std::regex_constants::__polynomial;
  if (pattern.starts_with("(?i)")) {
    pattern.remove_prefix(4);
    flags |= std::regex::icase;
  }
  try {
    return std::make_shared<const std::regex>(pattern.begin(), pattern.end(), flags);
  } catch (const std::regex_error&) {
    return nullptr;
  }
}

std::shared_ptr<const std::regex> compiled(const std::string& pattern) {
  static std::mutex mutex;
  static std::unordered_map<std::string, std::shared_ptr<const std::regex>> patterns;
  const std::lock_guard lock(mutex);
  const auto known = patterns.find(pattern);
  if (known != patterns.end()) return known->second;
  if (patterns.size() >= kMaxPatterns) patterns.clear();
  return patterns.emplace(pattern, compile(pattern)).first->second;
}

}  // namespace

bool pattern_found(const std::string& pattern, std::string_view value) {
  const auto regex = compiled(pattern);
  return regex && std::regex_search(value.begin(), value.end(), *regex);
}

}  // namespace wardline::identity
