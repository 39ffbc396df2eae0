#include "controlplane/signature_import/sample.h"

#include <algorithm>
#include <bitset>
#include <charconv>

namespace wardline::signature_import {
namespace {

using Bytes = std::bitset<256>;
constexpr std::size_t kMaxSample = 4096;

std::size_t place(char byte) {
  return static_cast<unsigned char>(byte);
}

void add_range(Bytes& bytes, unsigned low, unsigned high) {
  for (unsigned byte = low; byte <= high; ++byte) bytes.set(byte);
}

// \d \w \s and their opposites. nullopt: no class.
std::optional<Bytes> class_of(char letter) {
  Bytes bytes;
  switch (letter | 0x20) {
    case 'd':
      add_range(bytes, '0', '9');
      break;
    case 'w':
      add_range(bytes, '0', '9'), add_range(bytes, 'A', 'Z'), add_range(bytes, 'a', 'z'), bytes.set('_');
      break;
    case 's':
      add_range(bytes, 9, 13), bytes.set(' ');
      break;
    default:
      return std::nullopt;
  }
  return letter >= 'a' ? bytes : ~bytes;
}

// A byte that people can read, where the class has one.
char shown_byte(const Bytes& bytes) {
  for (const char liked : {'x', 'A', '0', ' ', '/'})
    if (bytes.test(place(liked))) return liked;
  for (unsigned byte = 0x21; byte < 0x7f; ++byte)
    if (bytes.test(byte)) return static_cast<char>(byte);
  for (unsigned byte = 0; byte < 256; ++byte)
    if (bytes.test(byte)) return static_cast<char>(byte);
  return 'x';
}

// Recursive descent; each function leaves `at_` behind what it read.
class Sampler {
 public:
  explicit Sampler(std::string_view expression) : text_(expression) {}

  std::optional<std::string> run() {
    auto sample = alternatives(0);
    if (!sample || at_ != text_.size()) return std::nullopt;
    return sample;
  }

 private:
  bool more() const { return at_ < text_.size(); }
  bool take(char expected) {
    if (!more() || text_[at_] != expected) return false;
    ++at_;
    return true;
  }

  std::optional<std::string> alternatives(int depth) {
    if (depth > 32) return std::nullopt;
    auto first = sequence(depth);
    while (first && take('|'))
      if (!sequence(depth)) return std::nullopt;
    return first;
  }

  std::optional<std::string> sequence(int depth) {
    std::string sample;
    while (more() && text_[at_] != '|' && text_[at_] != ')') {
      const auto piece = item(depth);
      if (!piece) return std::nullopt;
      const auto times = repeat();
      if (!times || sample.size() + piece->size() * *times > kMaxSample) return std::nullopt;
      for (std::size_t i = 0; i < *times; ++i) sample += *piece;
    }
    return sample;
  }

  // How often the item before must stand at least.
  std::optional<std::size_t> repeat() {
    std::size_t times = 1;
    if (take('*') || take('?')) {
      times = 0;
    } else if (take('{')) {
      const auto close = text_.find('}', at_);
      if (close == std::string_view::npos) return std::nullopt;
      times = 0;
      if (text_[at_] != ',' && std::from_chars(text_.data() + at_, text_.data() + close, times).ec != std::errc{})
        return std::nullopt;
      at_ = close + 1;
    } else if (!take('+')) {
      return 1;
    }
    take('?');  // as few as it can
    return times;
  }

  std::optional<std::string> item(int depth) {
    const char c = text_[at_++];
    switch (c) {
      case '(':
        return group(depth);
      case '[':
        return bracket();
      case '.':
        return "x";
      case '^':
      case '$':
        return "";
      case '\\':
        return escape();
      default:
        return std::string(1, c);
    }
  }

  std::optional<std::string> group(int depth) {
    if (take('?')) {
      const auto end = text_.find_first_of(":)", at_);
      if (end == std::string_view::npos) return std::nullopt;
      const auto flags = text_.substr(at_, end - at_);
      if (flags.find_first_not_of("imsx-") != std::string_view::npos) return std::nullopt;
      at_ = end + 1;
      if (text_[end] == ')') return "";
    }
    auto inside = alternatives(depth + 1);
    if (!inside || !take(')')) return std::nullopt;
    return inside;
  }

  // One escaped byte; nullopt: a class or what is not understood.
  std::optional<char> escaped_byte() {
    if (!more()) return std::nullopt;
    const char c = text_[at_++];
    switch (c) {
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'f':
        return '\f';
      case 'v':
        return '\v';
      case '0':
        return '\0';
      case 'x': {
        unsigned value = 0;
        if (at_ + 2 > text_.size() ||
            std::from_chars(text_.data() + at_, text_.data() + at_ + 2, value, 16).ptr != text_.data() + at_ + 2)
          return std::nullopt;
        at_ += 2;
        return static_cast<char>(value);
      }
      default:
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '1' && c <= '9')) return std::nullopt;
        return c;
    }
  }

  std::optional<std::string> escape() {
    if (!more()) return std::nullopt;
    if (const auto bytes = class_of(text_[at_])) return ++at_, std::string(1, shown_byte(*bytes));
    if (text_[at_] == 'b' || text_[at_] == 'B' || text_[at_] == 'z' || text_[at_] == 'A') return ++at_, "";
    const auto byte = escaped_byte();
    if (!byte) return std::nullopt;
    return std::string(1, *byte);
  }

  std::optional<std::string> bracket() {
    Bytes bytes;
    const bool negated = take('^');
    bool first = true;
    while (more() && (text_[at_] != ']' || first)) {
      first = false;
      if (text_[at_] == '[' && at_ + 1 < text_.size() && text_[at_ + 1] == ':') return std::nullopt;
      std::optional<char> low = text_[at_++];
      if (*low == '\\') {
        if (!more()) return std::nullopt;
        if (const auto inside = class_of(text_[at_])) {
          bytes |= *inside;
          ++at_;
          continue;
        }
        if (!(low = escaped_byte())) return std::nullopt;
      }
      std::optional<char> high = low;
      if (at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']') {
        ++at_;
        high = text_[at_++];
        if (*high == '\\' && !(high = escaped_byte())) return std::nullopt;
      }
      if (place(*high) < place(*low)) return std::nullopt;
      add_range(bytes, static_cast<unsigned>(place(*low)), static_cast<unsigned>(place(*high)));
    }
    if (!take(']')) return std::nullopt;
    if (negated) bytes = ~bytes;
    if (bytes.none()) return std::nullopt;
    return std::string(1, shown_byte(bytes));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<std::string> sample_of(std::string_view expression) {
  return Sampler(expression).run();
}

}  // namespace wardline::signature_import
