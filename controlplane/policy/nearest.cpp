#include <algorithm>
#include <limits>
#include <numeric>

#include "controlplane/policy/yaml_reader.h"

namespace wardline::policy {
namespace {

// Edits that turn one word into the other: insert, remove, replace, or swap two neighbours (the usual typing errors).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  constexpr std::size_t kLongest = 64;  // longer ones are no typing errors of a name
  if (word.size() > kLongest) return "";
  const std::size_t limit = word.size() <= 3 ? 1 : std::max<std::size_t>(2, word.size() / 3);
  std::size_t best = std::numeric_limits<std::size_t>::max();
  std::string found;
  for (const auto& candidate : candidates) {
    if (candidate.size() > kLongest) continue;
    const auto distance = edit_distance(word, candidate);
    if (distance < best) best = distance, found = candidate;
  }
  return best <= limit ? found : "";
}

}  // namespace wardline::policy
