#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

// Text of the wire, made fit to be compared: a fixed room that takes what fits and forgets the rest.
namespace wardline::facts {

inline std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

constexpr bool is_upper(char letter) {
  return letter >= 'A' && letter <= 'Z';
}
constexpr bool is_lower(char letter) {
  return letter >= 'a' && letter <= 'z';
}
constexpr bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}
constexpr bool is_alphanumeric(char letter) {
  return is_upper(letter) || is_lower(letter) || is_digit(letter);
}
constexpr char lower(char letter) {
  return is_upper(letter) ? static_cast<char>(letter + ('a' - 'A')) : letter;
}

bool equal_caseless(std::string_view one, std::string_view other);

// Room for the longest name of the DNS (RFC 1035, 2.3.4) with all its bytes written as escapes.
class WireText {
 public:
  static constexpr std::size_t kRoom = 1024;

  void put(char letter) {
    if (length_ < kRoom) text_[length_++] = letter;
  }
  // A code point in UTF-8, in lower case; what cannot be printed, and what is none, as U+FFFD.
  void put_lower(char32_t code_point);
  std::string_view view() const { return {text_.data(), length_}; }
  bool empty() const { return length_ == 0; }

 private:
  std::size_t length_ = 0;
  std::array<char, kRoom> text_;
};

// A host's name or address in lower case, without a dot at its end. Empty if no host can be called so: only letters,
// digits, `-`, `_` and dots between labels of 1 to 63, 253 in all (RFC 1035, 2.3.4), or an IPv6 address.
WireText host_name(std::string_view name);

}  // namespace wardline::facts
