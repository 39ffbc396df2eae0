#include "dataplane/detect/alarm.h"

namespace wardline::detect {

namespace {

void append_hex(Note& note, std::uint8_t byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const char text[] = {kDigits[byte >> 4], kDigits[byte & 15]};
  note.append({text, 2});
}

void append_decimal(Note& note, std::uint8_t byte) {
  const char text[] = {static_cast<char>('0' + byte / 100), static_cast<char>('0' + byte / 10 % 10),
                       static_cast<char>('0' + byte % 10)};
  const std::size_t zeros = byte >= 100 ? 0 : byte >= 10 ? 1 : 2;
  note.append({text + zeros, 3 - zeros});
}

}  // namespace

Note::Note(const Mac& mac) {
  for (std::size_t i = 0; i < mac.bytes.size(); ++i) {
    if (i != 0) append(":");
    append_hex(*this, mac.bytes[i]);
  }
}

Note::Note(const Address& address) {
  if (address.is_v4()) {
    for (std::size_t i = 12; i < 16; ++i) {
      if (i != 12) append(".");
      append_decimal(*this, address.bytes[i]);
    }
    return;
  }
  append("..");
  for (std::size_t i = 8; i < 16; ++i) {
    if (i % 2 == 0) append(":");
    append_hex(*this, address.bytes[i]);
  }
}

}  // namespace wardline::detect
