#include "controlplane/inventory/text.h"

#include <fmt/format.h>

#include <cstdint>

namespace wardline::inventory {
namespace {

constexpr std::string_view kEllipsis = "\xe2\x80\xa6";

struct Decoded {
  char32_t point = 0;
  std::size_t length = 0;  // 0: these bytes are no UTF-8
};

// One character of UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing beyond U+10FFFF.
Decoded decode(std::string_view rest) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(rest[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || rest.size() < length) return {};
  char32_t point = lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    point = point << 6 | (byte(i) & 0x3fU);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (point < kLeast[length] || (point >= 0xd800 && point <= 0xdfff) || point > 0x10ffff) return {};
  return {point, length};
}

// What would move the cursor, break a line or turn the direction of writing.
bool must_be_escaped(char32_t point) {
  return point < 0x20 || (point >= 0x7f && point <= 0x9f)         // C0, DEL, C1
         || point == 0x61c || point == 0x200e || point == 0x200f  // direction marks
         || (point >= 0x2028 && point <= 0x202e)                  // line and paragraph separators, embeddings
         || (point >= 0x2066 && point <= 0x2069)                  // isolates
         || point == 0xfeff || (point >= 0xfff9 && point <= 0xfffb);
}

std::string_view without_blanks(std::string_view raw) {
  constexpr std::string_view kBlank{" \t\0", 3};
  const auto first = raw.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return raw.substr(first, raw.find_last_not_of(kBlank) - first + 1);
}

}  // namespace

std::string clean_text(std::string_view raw, std::size_t max_bytes) {
  std::string_view rest = without_blanks(raw);
  std::string text;
  std::size_t fits_with_ellipsis = 0;  // the longest start of `text` that leaves room for the ellipsis
  while (!rest.empty()) {
    const auto [point, length] = decode(rest);
    std::string piece;
    if (length == 0) {
      piece = fmt::format("\\x{:02x}", static_cast<std::uint8_t>(rest[0]));
    } else if (must_be_escaped(point)) {
      piece = fmt::format("\\u{:04x}", static_cast<std::uint32_t>(point));
    } else {
      piece = rest.substr(0, length);
    }
    if (text.size() + piece.size() > max_bytes) {
      text.resize(fits_with_ellipsis);
      return max_bytes < kEllipsis.size() ? text : text.append(kEllipsis);
    }
    text += piece;
    if (text.size() + kEllipsis.size() <= max_bytes) fits_with_ellipsis = text.size();
    rest.remove_prefix(length == 0 ? 1 : length);
  }
  return text;
}

}  // namespace wardline::inventory
