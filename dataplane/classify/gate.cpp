#include "dataplane/classify/gate.h"

#include <algorithm>

namespace wardline::classify {
namespace {

// How often these bytes come in what most messages begin with: letters, digits and what stands between words are in
// every request.
std::size_t commonness(const ByteSet& bytes) {
  constexpr std::string_view kBetweenWords = " \r\n/.", kMarks = "\t:;,-+*=?&\"<>()";
  constexpr std::size_t kEverywhere = 32, kOften = 8;
  std::size_t sum = 0;
  for (std::size_t value = 0; value < bytes.size(); ++value) {
    if (!bytes[value]) continue;
    const char c = static_cast<char>(value);
    if (is_letter(c) || is_digit(c) || c == '\0' || kBetweenWords.find(c) != std::string_view::npos)
      sum += kEverywhere;
    else
      sum += kMarks.find(c) != std::string_view::npos ? kOften : 1;
  }
  return sum;
}
constexpr std::size_t kRare = 24;

// A part of an expression: which bytes its matches are made of, and the gate that they all come to.
struct Way {
  ByteSet all;
  std::optional<Gate> gate;
};

bool is_rarer(const Gate& a, const Gate& b) {
  return commonness(a.opens) < commonness(b.opens);
}

class WaySequence {
 public:
  void add(const Way& part, const Repeat& repeat) {
    if (repeat.least != 0 && part.gate) {
      const Gate later{value_.all | part.gate->leads, part.gate->opens};
      if (!later.leads.all() && (!value_.gate || is_rarer(later, *value_.gate))) value_.gate = later;
    }
    if (repeat.most != 0) value_.all |= part.all;
  }
  const Way& value() const { return value_; }

 private:
  Way value_;
};

struct WayDomain {
  using Value = Way;
  using Sequence = WaySequence;

  static Way at_most(const ByteSet& bytes) { return {bytes, Gate{{}, bytes}}; }
  static Way one_of(const ByteSet& bytes) { return at_most(bytes); }
  static Way byte(char c, bool ignore_case) {
    ByteSet bytes;
    add_byte(bytes, c, ignore_case);
    return at_most(bytes);
  }
  static Way nothing() { return {}; }
  static Way zero_width() { return {}; }
  static Way beginning() { return {}; }
  static Way either(const Way& a, const Way& b) {
    Way both{a.all | b.all, std::nullopt};
    if (a.gate && b.gate) both.gate = Gate{a.gate->leads | b.gate->leads, a.gate->opens | b.gate->opens};
    return both;
  }
  static Way unknown() { return {ByteSet().set(), std::nullopt}; }
};

}  // namespace

std::optional<Gate> gate_of(std::string_view expression, bool caseless) {
  const WayDomain domain;
  ExpressionReader reader(expression, caseless, domain);
  const auto way = reader.whole();
  if (reader.failed() || !way.gate || commonness(way.gate->opens) > kRare) return std::nullopt;
  if (way.gate->leads.none()) return std::nullopt;  // of the first byte a Start tells as much
  return way.gate;
}

std::uint64_t Gates::add(const Gate& gate) {
  if (count_ == kMost) return 0;
  const auto bit = std::uint64_t{1} << count_++;
  for (std::size_t value = 0; value < steps_.size(); ++value) {
    if (gate.opens[value])
      steps_[value].opens |= bit;
    else if (!gate.leads[value])
      steps_[value].ends |= bit;
  }
  return bit;
}

std::uint64_t Gates::reached(std::span<const std::byte> bytes, std::uint64_t asked) const {
  std::uint64_t open = 0;
  for (const auto byte : bytes.first(std::min(bytes.size(), kFarthest))) {
    const auto& step = steps_[static_cast<std::size_t>(byte)];
    open |= step.opens & asked;
    asked &= ~(step.opens | step.ends);
    if (asked == 0) return open;
  }
  return bytes.size() > kFarthest ? open | asked : open;
}

}  // namespace wardline::classify
