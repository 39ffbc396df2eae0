#include "controlplane/identity/http_head.h"

#include "dataplane/facts/wire_text.h"

namespace wardline::identity {
namespace {

constexpr int kMaxHeaders = 64;

// Takes a line off the front; nullopt when its end is not there.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  auto line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

std::optional<HttpHead> HttpHead::read(std::string_view text) {
  HttpHead head;
  const auto start_line = take_line(text);
  if (!start_line) return std::nullopt;
  head.start_line_ = *start_line;
  head.headers_ = text;
  for (int i = 0; i < kMaxHeaders; ++i) {
    const auto line = take_line(text);
    if (!line) return head;
    if (line->empty()) {
      head.body_ = text;
      head.headers_.remove_suffix(text.size());
      return head;
    }
  }
  return head;
}

std::string_view HttpHead::value(std::string_view name) const {
  auto rest = headers_;
  for (int i = 0; i < kMaxHeaders; ++i) {
    const auto line = take_line(rest);
    if (!line || line->empty()) return {};
    const auto colon = line->find(':');
    if (colon == std::string_view::npos || !facts::equal_caseless(line->substr(0, colon), name)) continue;
    return line->substr(colon + 1);
  }
  return {};
}

}  // namespace wardline::identity
