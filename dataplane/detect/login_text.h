#pragma once
#include <array>
#include <cstddef>
#include <string_view>

namespace wardline::detect {

constexpr char small_letter(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// `text` has `wanted` (in small letters) at its front, whatever the case.
inline bool begins_with(std::string_view text, std::string_view wanted) {
  if (text.size() < wanted.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (small_letter(text[i]) != wanted[i]) return false;
  return true;
}

// `wanted` is in lower case. Payload is mostly other text: what is not a letter is looked for by the C library.
inline std::size_t find_text(std::string_view text, std::string_view wanted) {
  const char first = wanted.front();
  const bool letter = first >= 'a' && first <= 'z';
  for (std::size_t at = 0; at + wanted.size() <= text.size(); ++at) {
    if (letter) {
      if ((text[at] | 0x20) != first) continue;
    } else {
      at = text.find(first, at);
      if (at == std::string_view::npos) break;
    }
    if (begins_with(text.substr(at), wanted)) return at;
  }
  return std::string_view::npos;
}

// RFC 4648, 4: as much as fits; ends at the first character that is none of the alphabet.
struct Decoded {
  std::array<char, 96> text{};
  std::size_t length = 0;
  std::string_view view() const { return {text.data(), length}; }
};
inline Decoded from_base64(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Decoded decoded;
  unsigned bits = 0, have = 0;
  for (const char c : text) {
    const auto value = kAlphabet.find(c);
    if (value == std::string_view::npos || decoded.length == decoded.text.size()) break;
    bits = (bits << 6 | static_cast<unsigned>(value)) & 0xfff;
    have += 6;
    if (have < 8) continue;
    have -= 8;
    decoded.text[decoded.length++] = static_cast<char>(bits >> have & 0xff);
  }
  return decoded;
}

}  // namespace wardline::detect
