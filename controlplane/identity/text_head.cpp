#include "controlplane/identity/text_head.h"

#include "dataplane/facts/wire_text.h"

namespace wardline::identity {

bool TextHead::next_line(std::string_view& rest, std::string_view& line) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) return false;
  line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return true;
}

std::string_view TextHead::trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view TextHead::start_line() const {
  auto rest = message_;
  std::string_view line;
  return next_line(rest, line) ? line : std::string_view{};
}

std::string_view TextHead::field(std::string_view name) const {
  std::string_view found;
  for_each_field([&](std::string_view each, std::string_view value) {
    if (found.empty() && facts::equal_caseless(each, name)) found = value;
  });
  return found;
}

std::string_view TextHead::body() const {
  auto rest = message_;
  std::string_view line;
  for (std::size_t i = 0; i < kMaxLines && next_line(rest, line); ++i)
    if (line.empty()) return rest;
  return {};
}

}  // namespace wardline::identity
