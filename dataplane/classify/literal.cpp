#include "dataplane/classify/literal.h"

#include <algorithm>

#include "dataplane/classify/expression_reader.h"

namespace wardline::classify {
namespace {

constexpr std::size_t kLongestRepeated = 4096;

// A part of an expression: the bytes it is known to be made of, in order.
struct Part {
  bool fixed = true;  // it matches `run` and nothing else
  std::string run;    // where not fixed: empty
  std::string best;   // the longest run that every match of it contains
};

// A sequence of parts: runs grow while fixed parts follow each other.
class Runs {
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
    if (repeat.most == repeat.least && times == repeat.least) return;
    end_run();
    run_ = repeated;  // the last of the repetitions stand right before what follows
  }
  Part value() {
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

class LiteralDomain {
 public:
  using Value = Part;
  using Sequence = Runs;

  explicit LiteralDomain(bool caseless) : caseless_(caseless) {}

  // Under a (?i) that the literal's search does not share, a letter is two bytes.
  Part byte(char c, bool ignore_case) const {
    if (ignore_case && !caseless_ && is_letter(c)) return unknown();
    return {true, std::string(1, c), std::string(1, c)};
  }
  static Part one_of(const ByteSet&) { return unknown(); }
  static Part at_most(const ByteSet&) { return unknown(); }
  static Part nothing() { return {true, {}, {}}; }
  static Part zero_width() { return unknown(); }
  static Part beginning() { return unknown(); }
  static Part either(const Part&, const Part&) { return unknown(); }
  static Part unknown() { return {false, {}, {}}; }

 private:
  bool caseless_;
};

}  // namespace

std::optional<std::string> required_literal(std::string_view expression, bool caseless) {
  const LiteralDomain domain(caseless);
  ExpressionReader reader(expression, caseless, domain);
  auto whole = reader.whole();
  if (reader.failed() || whole.best.size() < kShortestLiteral) return std::nullopt;
  return std::move(whole.best);
}

}  // namespace wardline::classify
