#include "dataplane/classify/literal.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "dataplane/classify/expression_reader.h"
#include "dataplane/classify/ordinary.h"

namespace wardline::classify {
namespace {

constexpr std::size_t kLongest = 256;  // bytes of one: more tell no more
constexpr std::size_t kMost = 16;      // strings that are looked for in the place of one expression
constexpr std::size_t kFew = 4;        // bytes of a class that is read as that many strings

using Strings = std::vector<std::string>;

// What holds one of them holds one of the result, too.
Strings without_longer(Strings strings) {
  std::ranges::stable_sort(strings, {}, &std::string::size);
  Strings kept;
  for (auto& each : strings)
    if (std::ranges::none_of(kept, [&](const auto& shorter) { return each.find(shorter) != std::string::npos; }))
      kept.push_back(std::move(each));
  return kept;
}

// A part of an expression.
struct Part {
  std::optional<Strings> exact;  // it matches these and nothing else
  Strings best;                  // every match holds one of these; empty: nothing is certain
};

Part exactly(Strings strings) {
  Part part{std::move(strings), {}};
  part.best = without_longer(*part.exact);
  return part;
}

// What matches are made of at one place of a sequence: they grow while exact parts follow each other.
class Run {
 public:
  bool append(const Strings& next) {
    if (next.size() * strings_.size() > kMost || longest(next) + longest(strings_) > kLongest) return false;
    Strings longer;
    for (const auto& front : strings_)
      for (const auto& end : next) longer.push_back(front + end);
    strings_ = std::move(longer);
    return true;
  }
  const Strings& strings() const { return strings_; }

 private:
  static std::size_t longest(const Strings& strings) {
    return std::ranges::max(strings, {}, &std::string::size).size();
  }

  Strings strings_{""};
};

// A sequence of parts. Beside the run of all that is exact goes one of what is one string only: it may tell more than
// the longer one, of which there are several.
class Runs {
 public:
  void add(const Part& part, const Repeat& repeat) {
    if (repeat.least == 0) {
      if (repeat.most == 1 && part.exact) return add_optional(*part.exact);
      return end_run();
    }
    if (!part.exact) {
      end_run();
      return keep(part.best);
    }
    if (part.exact->size() == 1 && part.exact->front().empty()) return;  // however often: nothing
    std::size_t times = 0;
    Run repeated;
    while (times < std::min(repeat.least, kLongest + 1) && repeated.append(*part.exact)) ++times;
    if (times == 0) return end_run();  // too long for a literal
    append(repeated.strings());
    if (repeat.most == repeat.least && times == repeat.least) return;
    end_run();
    append(repeated.strings());  // the last of the repetitions stand right before what follows
    exact_ = false;
  }
  Part value() {
    Part whole;
    if (exact_) whole.exact = run_.strings();
    end_run();
    whole.best = best_;
    return whole;
  }

 private:
  void add_optional(Strings strings) {
    strings.emplace_back();
    append(strings);
  }
  void append(const Strings& strings) {
    if (strings.size() != 1) {
      keep(single_.strings());
      single_ = {};
    } else if (!single_.append(strings)) {
      end_run();
      single_.append(strings);
    }
    if (run_.append(strings)) return;
    keep(run_.strings());
    run_ = {};
    run_.append(strings);
    exact_ = false;
  }
  void keep(const Strings& strings) {
    auto shorter = without_longer(strings);
    if (shortest_of(shorter) != 0 && tells_more(shorter, best_)) best_ = std::move(shorter);
  }
  void end_run() {
    keep(run_.strings());
    keep(single_.strings());
    run_ = single_ = {};
    exact_ = false;
  }

  bool exact_ = true;
  Run run_, single_;
  Strings best_;
};

class LiteralDomain {
 public:
  using Value = Part;
  using Sequence = Runs;

  // `caseless`: the strings are looked for in both cases.
  explicit LiteralDomain(bool caseless) : caseless_(caseless) {}

  // Under a (?i) that the strings' search does not share, a letter is two bytes.
  Part byte(char c, bool ignore_case) const {
    if (ignore_case && !caseless_ && is_letter(c)) return unknown();
    return exactly({std::string(1, c)});
  }
  Part one_of(const ByteSet& bytes) const {
    Strings strings;
    for (std::size_t value = 0; value < bytes.size() && strings.size() <= kFew; ++value) {
      const char c = static_cast<char>(value);
      const bool known = caseless_ && c >= 'a' && c <= 'z' && bytes[value - ('a' - 'A')];  // as its capital
      if (bytes[value] && !known) strings.emplace_back(1, c);
    }
    return strings.empty() || strings.size() > kFew ? unknown() : exactly(std::move(strings));
  }
  static Part at_most(const ByteSet&) { return unknown(); }
  static Part nothing() { return exactly({""}); }
  static Part zero_width() { return unknown(); }
  static Part beginning() { return unknown(); }
  static Part either(const Part& a, const Part& b) {
    Part both;
    if (a.exact && b.exact && a.exact->size() + b.exact->size() <= kMost) {
      both.exact = a.exact;
      both.exact->insert(both.exact->end(), b.exact->begin(), b.exact->end());
    }
    if (a.best.empty() || b.best.empty()) return both;
    Strings best = a.best;
    best.insert(best.end(), b.best.begin(), b.best.end());
    best = without_longer(std::move(best));
    if (best.size() <= kMost) both.best = std::move(best);
    return both;
  }
  static Part unknown() { return {}; }

 private:
  bool caseless_;
};

}  // namespace

std::vector<std::string> required_literals(std::string_view expression, Caseless caseless) {
  const LiteralDomain domain(caseless.strings);
  ExpressionReader reader(expression, caseless.expression, domain);
  auto whole = reader.whole();
  if (reader.failed() || shortest_of(whole.best) < kShortestLiteral) return {};
  return std::move(whole.best);
}

std::size_t telling_of(std::span<const std::string> literals) {
  if (literals.empty()) return 0;
  std::size_t least = literals[0].size();
  for (const auto& literal : literals) least = std::min(least, telling_bytes(literal));
  // In text a byte tells two or three bits, so four strings are found by chance as often as one that is a byte shorter.
  const auto several = static_cast<std::size_t>(std::bit_width(literals.size() - 1)) / 2;
  return least - std::min(least, several);
}

bool tells_more(std::span<const std::string> these, std::span<const std::string> those) {
  const bool enough = shortest_of(these) >= kShortestLiteral, others_enough = shortest_of(those) >= kShortestLiteral;
  if (enough != others_enough) return enough;
  const auto telling = telling_of(these), other_telling = telling_of(those);
  if (telling != other_telling) return telling > other_telling;
  return these.size() != those.size() ? these.size() < those.size() : shortest_of(these) > shortest_of(those);
}

std::size_t shortest_of(std::span<const std::string> literals) {
  return literals.empty() ? 0 : std::ranges::min(literals, {}, &std::string::size).size();
}

}  // namespace wardline::classify
