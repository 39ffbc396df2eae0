#pragma once
#include <bitset>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>

namespace wardline::classify {

using ByteSet = std::bitset<256>;

constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A letter in both cases, where case does not count.
inline void add_byte(ByteSet& bytes, char c, bool ignore_case) {
  const auto value = static_cast<unsigned char>(c);
  bytes.set(value);
  if (ignore_case && is_letter(c)) bytes.set(value ^ 0x20U);
}

// How often a part stands in a row.
struct Repeat {
  static constexpr std::size_t kUnbounded = std::numeric_limits<std::size_t>::max();

  std::size_t least = 1, most = 1;
};

// Reads a Hyperscan expression by recursive descent and has a `Domain` say what it means: `byte`, `one_of` these bytes,
// `at_most` these, `nothing`, `zero_width`, `beginning` and `unknown` are parts, `either` is one of two, and a
// `Sequence` is several in a row. `failed()`: it holds something that this reader does not know, and what it said means
// nothing.
template <typename Domain>
class ExpressionReader {
 public:
  using Value = typename Domain::Value;

  ExpressionReader(std::string_view text, bool caseless, const Domain& domain)
      : text_(text), domain_(domain), ignore_case_(caseless) {}

  Value whole() { return alternatives(0); }
  bool failed() const { return failed_ || !at_end(); }

 private:
  static constexpr std::size_t kDeepestGroup = 64;

  bool at_end() const { return at_ == text_.size(); }
  Value give_up() {
    failed_ = true;
    return domain_.unknown();
  }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  Value byte(char c) const { return domain_.byte(c, ignore_case_); }

  Value alternatives(std::size_t depth) {
    const bool ignore_case = ignore_case_;  // a flag within a group ends with it
    Value all = sequence(depth);
    while (!failed_ && take('|')) all = domain_.either(all, sequence(depth));
    ignore_case_ = ignore_case;
    return all;
  }

  Value sequence(std::size_t depth) {
    typename Domain::Sequence parts;
    while (!failed_ && !at_end() && text_[at_] != '|' && text_[at_] != ')') {
      const auto part = atom(depth);
      parts.add(part, repeat());
    }
    return parts.value();
  }

  Value atom(std::size_t depth) {
    const char c = text_[at_++];
    switch (c) {
      case '(':
        return group(depth);
      case '[':
        return character_class();
      case '\\':
        return escape();
      case '.':
        return domain_.one_of(ByteSet().set());
      case '^':
        return multiline_ ? domain_.zero_width() : domain_.beginning();
      case '$':
        return domain_.zero_width();
      case '*':
      case '+':
      case '?':
        return give_up();
      default:
        return byte(c);
    }
  }

  Value group(std::size_t depth) {
    if (depth == kDeepestGroup || (!at_end() && text_[at_] == '*')) return give_up();
    const bool ignore_case = ignore_case_;
    if (take('?') && !take(':')) {
      const bool plain = flags();
      if (failed_) return domain_.unknown();
      if (!plain) return domain_.nothing();  // (?i) alone: holds for the rest of the group around it
    }
    auto inner = alternatives(depth + 1);
    ignore_case_ = ignore_case;
    return take(')') ? inner : give_up();
  }

  // After "(?": flags, and whether a group of its own follows them. Look-around, names and all else are not known.
  bool flags() {
    bool on = true;
    for (; !at_end(); ++at_) switch (text_[at_]) {
        case '-':
          on = false;
          break;
        case 'i':
          ignore_case_ = on;
          break;
        case 'm':
          multiline_ = true;  // for good: after (?-m) less is said of a ^ than could be
          break;
        case 's':
          break;
        case ':':
        case ')':
          return text_[at_++] == ':';
        default:
          failed_ = true;
          return false;
      }
    failed_ = true;
    return false;
  }

  // What is not known in a class makes it a class of all bytes, whether or not it is negated.
  Value character_class() {
    const bool negated = take('^');
    ByteSet bytes;
    bool known = true;
    for (bool first = true; !at_end(); first = false) {
      if (!first && take(']'))
        return known ? domain_.one_of(negated ? ~bytes : bytes) : domain_.at_most(ByteSet().set());
      const auto low = class_member();
      if (failed_) break;
      std::optional<char> high = low;
      if (at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']') {
        ++at_;
        high = class_member();
      }
      known = known && low && high;
      if (known) add_range(bytes, static_cast<unsigned char>(*low), static_cast<unsigned char>(*high));
    }
    return give_up();
  }

  void add_range(ByteSet& bytes, unsigned low, unsigned high) const {
    for (unsigned value = low; value <= high; ++value) add_byte(bytes, static_cast<char>(value), ignore_case_);
  }

  // One byte of a class; nullopt: not one byte, or one that this reader does not know.
  std::optional<char> class_member() {
    if (at_end()) return std::nullopt;
    const char c = text_[at_++];
    if (c == '[' && !at_end() && (text_[at_] == ':' || text_[at_] == '.' || text_[at_] == '=')) {
      const char end[] = {text_[at_], ']'};
      const auto found = text_.find(std::string_view(end, 2), at_ + 1);
      if (found == std::string_view::npos) failed_ = true;
      at_ = failed_ ? text_.size() : found + 2;
      return std::nullopt;
    }
    if (c != '\\') return c;
    if (at_end()) return std::nullopt;
    const char escaped = text_[at_++];
    if (escaped == 'x') return hexadecimal();
    if (escaped == 'Q' || escaped == 'E' || escaped == 'c') failed_ = true;  // the class may not end where it seems to
    return fixed_escape(escaped);
  }

  Value escape() {
    if (at_end()) return give_up();
    const char c = text_[at_++];
    if (c == 'x') {
      const auto value = hexadecimal();
      return value ? byte(*value) : give_up();
    }
    if (const auto fixed = fixed_escape(c)) return byte(*fixed);
    if (const auto named = named_class(c)) return domain_.at_most(*named);
    if (std::string_view("bBAzZ").find(c) != std::string_view::npos) return domain_.zero_width();
    // Octal numbers, back references, \R, \Q, \c, \p ... are not known.
    return give_up();
  }

  static bool is_of(char name, char byte) {
    if (name == 'd') return is_digit(byte);
    if (name == 'w') return is_digit(byte) || is_letter(byte) || byte == '_';
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
  }
  // Digits, letters of words, spaces; of other names it is known only that they are one byte.
  static std::optional<ByteSet> named_class(char name) {
    if (std::string_view("DWSvVhHN").find(name) != std::string_view::npos) return ByteSet().set();
    if (std::string_view("dws").find(name) == std::string_view::npos) return std::nullopt;
    ByteSet bytes;
    for (unsigned value = 0; value < 128; ++value) bytes.set(value, is_of(name, static_cast<char>(value)));
    return bytes;
  }

  // A mark stands for itself.
  static std::optional<char> fixed_escape(char c) {
    switch (c) {
      case 'r':
        return '\r';
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'f':
        return '\f';
      case 'a':
        return '\a';
      case 'e':
        return '\x1b';
      default:
        return is_letter(c) || is_digit(c) ? std::nullopt : std::optional(c);
    }
  }

  // After "\x": two digits, and nothing else.
  std::optional<char> hexadecimal() {
    unsigned value = 0;
    if (at_ + 2 > text_.size()) return std::nullopt;
    const auto* begin = text_.data() + at_;
    const auto read = std::from_chars(begin, begin + 2, value, 16);
    if (read.ec != std::errc{} || read.ptr != begin + 2) return std::nullopt;
    at_ += 2;
    return static_cast<char>(value);
  }

  std::size_t number() {
    std::size_t value = 0;
    const auto read = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (read.ec != std::errc{}) failed_ = true;
    at_ = static_cast<std::size_t>(read.ptr - text_.data());
    return value;
  }

  Repeat repeat() {
    Repeat repeat;
    if (failed_) return repeat;
    if (take('*')) {
      repeat = {0, Repeat::kUnbounded};
    } else if (take('?')) {
      repeat = {0, 1};
    } else if (take('+')) {
      repeat = {1, Repeat::kUnbounded};
    } else if (take('{')) {
      repeat.least = repeat.most = number();  // a brace that begins no count is not known
      if (take(',')) repeat.most = !at_end() && is_digit(text_[at_]) ? number() : Repeat::kUnbounded;
      if (!take('}')) failed_ = true;
    } else {
      return repeat;
    }
    if (!take('?')) take('+');
    if (!at_end() && (text_[at_] == '*' || text_[at_] == '+' || text_[at_] == '?' || text_[at_] == '{')) failed_ = true;
    return repeat;
  }

  std::string_view text_;
  const Domain& domain_;
  std::size_t at_ = 0;
  bool ignore_case_, multiline_ = false, failed_ = false;
};

}  // namespace wardline::classify
