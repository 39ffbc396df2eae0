#include "controlplane/policy/value_pattern.h"

namespace wardline::policy {
namespace {

constexpr std::int64_t kMaxMemory = 1 << 20;  // of one pattern's automata

// RE2 calls any escape that it lacks invalid; this one is asked for by habit.
bool refers_back(const std::string& text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '\\') continue;
    if (text[i + 1] >= '1' && text[i + 1] <= '9') return true;
    ++i;
  }
  return false;
}

}  // namespace

Result<std::shared_ptr<const re2::RE2>> value_pattern(const std::string& text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemory);
  auto compiled = std::make_shared<const re2::RE2>(text, options);
  if (compiled->ok()) return compiled;
  if (refers_back(text))
    return fail("policy.regex", "",
                "'" + text +
                    "' refers back to a group (\\1 to \\9), which no pattern here may do: a device could choose a "
                    "value that keeps it busy for years. Write the text out instead");
  return fail("policy.regex", "", "'" + text + "' is no regular expression (RE2): " + compiled->error());
}

}  // namespace wardline::policy
