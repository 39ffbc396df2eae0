#include "dataplane/classify/start.h"

#include <algorithm>

namespace wardline::classify {
namespace {

constexpr std::size_t kPositions = Start::kPositions;
constexpr std::size_t kLongest = 1 << 20;  // lengths are counted up to here, so that no repeat overflows

std::size_t capped_product(std::size_t a, std::size_t b) {
  return b != 0 && a > kLongest / b ? kLongest : a * b;
}

// The first bytes of all matches of a part of an expression.
struct Front {
  std::array<ByteSet, kPositions> at;   // of the matches that are longer than that
  std::bitset<kPositions + 1> lengths;  // that a match may have; the last: all from there on
  std::size_t shortest = 0;
  bool anchored = false;  // a match begins at the first byte of all
  bool whole = false;     // all matches are equally long, and any bytes that may stand at the positions are one
};

Front empty() {
  Front front;
  front.lengths.set(0);
  front.whole = true;
  return front;
}

Front either(const Front& a, const Front& b) {
  Front both;
  for (std::size_t i = 0; i < kPositions; ++i) both.at[i] = a.at[i] | b.at[i];
  both.lengths = a.lengths | b.lengths;
  both.shortest = std::min(a.shortest, b.shortest);
  both.anchored = a.anchored && b.anchored;
  both.whole = a.whole && b.whole && a.lengths == b.lengths && a.shortest == 1;  // of longer ones bytes do not mix
  return both;
}

// What follows begins wherever the first may end.
Front joined(const Front& first, const Front& then) {
  Front both;
  both.at = first.at;
  both.lengths.set(kPositions, first.lengths[kPositions]);
  for (std::size_t length = 0; length <= kPositions; ++length) {
    if (!first.lengths[length]) continue;
    for (std::size_t i = length; i < kPositions; ++i) both.at[i] |= then.at[i - length];
    for (std::size_t more = 0; more <= kPositions; ++more)
      if (then.lengths[more]) both.lengths.set(std::min(length + more, kPositions));
  }
  both.shortest = std::min(first.shortest + then.shortest, kLongest);
  const bool from_start = first.lengths == empty().lengths;
  both.anchored = first.anchored || (from_start && then.anchored);
  both.whole = first.whole && then.whole && first.lengths.count() == 1 && then.lengths.count() == 1 &&
               (from_start || !then.anchored) &&  // a beginning behind bytes matches nothing
               first.shortest + then.shortest <= kPositions;
  return both;
}

// More repetitions than there are positions say nothing new of them.
Front repeated(const Front& part, const Repeat& repeat) {
  Front all = empty();
  for (std::size_t i = 0; i < std::min(repeat.least, kPositions); ++i) all = joined(all, part);
  const auto optional = either(empty(), part);
  for (std::size_t i = 0; i < std::min(repeat.most - std::min(repeat.least, repeat.most), kPositions); ++i)
    all = joined(all, optional);
  all.shortest = capped_product(repeat.least, part.shortest);
  all.whole = all.whole && repeat.least == repeat.most && all.shortest <= kPositions;
  return all;
}

class FrontSequence {
 public:
  void add(const Front& part, const Repeat& repeat) {
    const bool once = repeat.least == 1 && repeat.most == 1;
    value_ = joined(value_, once ? part : repeated(part, repeat));
  }
  const Front& value() const { return value_; }

 private:
  Front value_ = empty();
};

struct StartDomain {
  using Value = Front;
  using Sequence = FrontSequence;

  static Front one_of(const ByteSet& bytes) {
    Front front;
    front.at[0] = bytes;
    front.lengths.set(1);
    front.shortest = 1;
    front.whole = true;
    return front;
  }
  static Front at_most(const ByteSet& bytes) {
    auto front = one_of(bytes);
    front.whole = false;
    return front;
  }
  static Front byte(char c, bool ignore_case) {
    ByteSet bytes;
    add_byte(bytes, c, ignore_case);
    return one_of(bytes);
  }
  static Front nothing() { return empty(); }
  static Front zero_width() { return unknown(); }
  static Front beginning() {
    auto front = empty();
    front.anchored = true;
    return front;
  }
  static Front either(const Front& a, const Front& b) { return classify::either(a, b); }
  static Front unknown() {
    auto front = empty();
    front.whole = false;
    return front;
  }
};

}  // namespace

Start start_of(std::string_view expression, bool caseless) {
  const StartDomain domain;
  ExpressionReader reader(expression, caseless, domain);
  const auto front = reader.whole();
  Start start;
  const bool known = !reader.failed() && front.anchored;
  for (std::size_t i = 0; i < kPositions; ++i) {
    start.at[i] = front.at[i];
    if (!known || front.shortest <= i) start.at[i].set();  // behind a match that is over stands any byte
  }
  start.shortest = known ? front.shortest : 0;
  start.whole = known && front.whole && front.shortest != 0;
  return start;
}

}  // namespace wardline::classify
