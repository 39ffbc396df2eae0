#include "dataplane/facts/wire_text.h"

#include <algorithm>

namespace wardline::facts {
namespace {

constexpr std::size_t kMaxName = 253, kMaxLabel = 63;
constexpr char32_t kReplacement = 0xfffd;

// Capitals of ASCII and Latin-1: as far as names of shares and hosts need it, without a table.
char32_t lower_of(char32_t code_point) {
  const bool latin = code_point >= 0xc0 && code_point <= 0xde && code_point != 0xd7;
  return latin || (code_point >= U'A' && code_point <= U'Z') ? code_point + 0x20 : code_point;
}

bool printable(char32_t code_point) {
  if (code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0)) return false;  // control characters
  if (code_point >= 0x202a && code_point <= 0x202e) return false;                    // turn the direction of writing
  if (code_point >= 0x2028 && code_point <= 0x2029) return false;                    // line and paragraph separators
  return (code_point < 0xd800 || code_point > 0xdfff) && code_point <= 0x10ffff;
}

bool is_ipv6(std::string_view name) {
  return name.size() <= 45 && std::ranges::count(name, ':') >= 2 && std::ranges::all_of(name, [](char letter) {
           return is_digit(letter) || (lower(letter) >= 'a' && lower(letter) <= 'f') || letter == ':' || letter == '.';
         });
}

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxName) return false;
  std::size_t label = 0;
  for (const char letter : name) {
    const bool dot = letter == '.';
    if (dot ? label == 0 : !is_alphanumeric(letter) && letter != '-' && letter != '_') return false;
    label = dot ? 0 : label + 1;
    if (label > kMaxLabel) return false;
  }
  return label > 0;
}

}  // namespace

bool equal_caseless(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, {}, lower, lower);
}

void WireText::put_lower(char32_t code_point) {
  const char32_t c = printable(code_point) ? lower_of(code_point) : kReplacement;
  const std::size_t bytes = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  if (length_ + bytes > kRoom) return;
  if (bytes == 1) return put(static_cast<char>(c));
  constexpr std::array<unsigned, 5> kLead{0, 0, 0xc0, 0xe0, 0xf0};
  put(static_cast<char>(kLead[bytes] | (c >> (6 * (bytes - 1)))));
  for (std::size_t left = bytes - 1; left-- > 0;) put(static_cast<char>(0x80 | ((c >> (6 * left)) & 0x3f)));
}

WireText host_name(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  WireText text;
  if (is_name(name) || is_ipv6(name))
    for (const char letter : name) text.put(lower(letter));
  return text;
}

}  // namespace wardline::facts
