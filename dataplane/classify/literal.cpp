#include "dataplane/classify/literal.h"

#include <algorithm>
#include <charconv>

namespace wardline::classify {
namespace {

constexpr std::size_t kLongestRepeated = 4096, kDeepestGroup = 64;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<int> hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// A part of an expression: the bytes it is known to be made of, in order.
struct Part {
  bool fixed = true;  // it matches `run` and nothing else
  std::string run;    // where not fixed: empty
  std::string best;   // the longest run that every match of it contains
};

struct Repeat {
  std::size_t least = 1;
  bool exact = true;
};

// A sequence of parts: runs grow while fixed parts follow each other.
class Sequence {
 public:
  void add(const Part& part, const Repeat& repeat) {
    if (repeat.least == 0) return end_run();
    if (!part.fixed) {
      end_run();
      keep(part.best);
      return;
    }
    const auto room = std::max(kLongestRepeated / std::max(part.run.size(), std::size_t{1}), std::size_t{1});
    const auto times = std::min(repeat.least, room);
    std::string repeated;
    for (std::size_t i = 0; i < times; ++i) repeated += part.run;
    run_ += repeated;
    if (repeat.exact && times == repeat.least) return;
    end_run();
    run_ = repeated;  // the last of the repetitions stand right before what follows
  }
  Part part() {
    if (fixed_) return {true, run_, run_};
    end_run();
    return {false, {}, best_};
  }

 private:
  void keep(const std::string& run) {
    if (run.size() > best_.size()) best_ = run;
  }
  void end_run() {
    keep(run_);
    run_.clear();
    fixed_ = false;
  }

  bool fixed_ = true;
  std::string run_, best_;
};

// Reads an expression by recursive descent. `failed()`: it holds something that this reader does not know.
class Reader {
 public:
  Reader(std::string_view text, bool caseless) : text_(text), caseless_(caseless) {}

  Part alternatives(std::size_t depth) {
    const bool ignore_case = ignore_case_;  // a flag within a group ends with it
    Part first = sequence(depth);
    bool several = false;
    while (!failed_ && take('|')) {
      sequence(depth);
      several = true;
    }
    ignore_case_ = ignore_case;
    return several ? Part{false, {}, {}} : first;
  }
  bool at_end() const { return at_ == text_.size(); }
  bool failed() const { return failed_; }

 private:
  static Part any() { return {false, {}, {}}; }
  Part give_up() {
    failed_ = true;
    return any();
  }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  // Under a (?i) that the literal's search does not share, a letter is two bytes.
  Part byte(char c) const {
    if (ignore_case_ && !caseless_ && is_letter(c)) return any();
    return {true, std::string(1, c), std::string(1, c)};
  }

  Part sequence(std::size_t depth) {
    Sequence parts;
    while (!failed_ && !at_end() && text_[at_] != '|' && text_[at_] != ')') {
      const auto part = atom(depth);
      parts.add(part, repeat());
    }
    return parts.part();
  }

  Part atom(std::size_t depth) {
    const char c = text_[at_++];
    switch (c) {
      case '(':
        return group(depth);
      case '[':
        return character_class();
      case '\\':
        return escape();
      case '.':
      case '^':
      case '$':
        return any();
      case '*':
      case '+':
      case '?':
        return give_up();
      default:
        return byte(c);
    }
  }

  Part group(std::size_t depth) {
    if (depth == kDeepestGroup || (!at_end() && text_[at_] == '*')) return give_up();
    const bool ignore_case = ignore_case_;
    if (take('?') && !take(':')) {
      const bool plain = flags();
      if (failed_) return any();
      if (!plain) return {true, {}, {}};  // (?i) alone: matches nothing, holds for the rest of the group around it
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
        case 's':
        case 'm':
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

  Part character_class() {
    take('^');
    for (bool first = true; !at_end(); first = false) {
      const char c = text_[at_++];
      if (c == ']' && !first) return any();
      if (c == '\\') {
        if (at_end()) break;
        ++at_;
      }
      if (c == '[' && !at_end() && (text_[at_] == ':' || text_[at_] == '.' || text_[at_] == '=')) {
        const auto end = text_.find(std::string{text_[at_], ']'}, at_ + 1);
        if (end == std::string_view::npos) break;
        at_ = end + 2;
      }
    }
    return give_up();
  }

  Part escape() {
    if (at_end()) return give_up();
    const char c = text_[at_++];
    switch (c) {
      case 'x':
        return hexadecimal();
      case 'r':
        return byte('\r');
      case 'n':
        return byte('\n');
      case 't':
        return byte('\t');
      case 'f':
        return byte('\f');
      case 'a':
        return byte('\a');
      case 'e':
        return byte('\x1b');
      default:
        if (std::string_view("dDwWsSvVhHNRbBAzZ").find(c) != std::string_view::npos) return any();
        // Octal numbers, back references, \Q, \c, \p ... are not known; a mark stands for itself.
        return is_letter(c) || is_digit(c) ? give_up() : byte(c);
    }
  }

  Part hexadecimal() {
    if (at_ + 2 > text_.size()) return give_up();
    const auto high = hex_digit(text_[at_]), low = hex_digit(text_[at_ + 1]);
    if (!high || !low) return give_up();
    at_ += 2;
    return byte(static_cast<char>(*high << 4 | *low));
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
    if (take('*') || take('?')) {
      repeat = {0, false};
    } else if (take('+')) {
      repeat = {1, false};
    } else if (take('{')) {
      repeat.least = number();  // a brace that begins no count is not known
      if (take(',')) {
        repeat.exact = false;
        if (!at_end() && is_digit(text_[at_])) number();
      }
      if (!take('}')) failed_ = true;
    } else {
      return repeat;
    }
    if (!take('?')) take('+');
    if (!at_end() && (text_[at_] == '*' || text_[at_] == '+' || text_[at_] == '?' || text_[at_] == '{')) failed_ = true;
    return repeat;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool caseless_, ignore_case_ = false, failed_ = false;
};

}  // namespace

std::optional<std::string> required_literal(std::string_view expression, bool caseless) {
  Reader reader(expression, caseless);
  auto whole = reader.alternatives(0);
  if (reader.failed() || !reader.at_end() || whole.best.size() < kShortestLiteral) return std::nullopt;
  return std::move(whole.best);
}

}  // namespace wardline::classify
