#include "controlplane/identity/utf16_text.h"

#include "dataplane/packet/cursor.h"

namespace wardline::identity {
namespace {

constexpr char32_t kReplacement = 0xfffd;

constexpr bool high_half(char32_t unit) {
  return unit >= 0xd800 && unit < 0xdc00;
}
constexpr bool low_half(char32_t unit) {
  return unit >= 0xdc00 && unit < 0xe000;
}

char32_t next_unit(packet::Cursor& in, ByteOrder order) {
  const auto unit = in.u16();
  return order == ByteOrder::kBig ? unit : std::byteswap(unit);
}

void append(std::string& text, char32_t point) {
  const auto continued = [&](int shift) { text += static_cast<char>(0x80 | ((point >> shift) & 0x3f)); };
  if (point < 0x80) {
    text += static_cast<char>(point);
  } else if (point < 0x800) {
    text += static_cast<char>(0xc0 | (point >> 6));
    continued(0);
  } else if (point < 0x10000) {
    text += static_cast<char>(0xe0 | (point >> 12));
    continued(6), continued(0);
  } else {
    text += static_cast<char>(0xf0 | (point >> 18));
    continued(12), continued(6), continued(0);
  }
}

}  // namespace

std::string utf8_of_utf16(std::span<const std::byte> bytes, ByteOrder order) {
  std::string text;
  packet::Cursor in(bytes);
  while (in.left() >= 2) {
    const auto unit = next_unit(in, order);
    if (unit == 0) break;
    auto ahead = in;
    const auto low = high_half(unit) && ahead.left() >= 2 ? next_unit(ahead, order) : char32_t{0};
    if (low_half(low)) {
      in = ahead;
      append(text, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
    } else {
      append(text, high_half(unit) || low_half(unit) ? kReplacement : unit);
    }
  }
  return text;
}

}  // namespace wardline::identity
