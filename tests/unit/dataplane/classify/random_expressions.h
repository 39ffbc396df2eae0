#pragma once
#include <array>
#include <new>
#include <random>
#include <span>
#include <string>

#include "dataplane/classify/engine.h"

// What is read from an expression is held against what Hyperscan matches by it.
namespace wardline::classify::test {

class RandomExpressions {
 public:
  std::string expression(int depth) {
    std::string made;
    for (auto parts = 1 + below(4); parts != 0; --parts) made += part(depth) + repeat();
    return made;
  }
  std::string text() {
    std::string made(1 + below(24), '\0');
    for (auto& c : made) c = "abAB\n]-x\v %'"[below(12)];
    return made;
  }
  std::size_t below(std::size_t bound) { return random_() % bound; }

 private:
  std::string part(int depth) {
    switch (below(depth > 0 ? 9 : 6)) {
      case 0:
        return ".";
      case 1:
        return std::string(below(2) == 0 ? "[" : "[^") + "ab\\]" + (below(2) == 0 ? "A-B]" : "-]");
      case 2:
        return std::array<const char*, 4>{"\\w", "[\\wx]", "\\s", "\\S"}[below(4)];
      case 6:
        return "(?:" + expression(depth - 1) + "|" + expression(depth - 1) + ")";
      case 7:
        return "(?i:" + expression(depth - 1) + ")";
      case 8:
        return "(?i)" + expression(depth - 1);
      default:
        return std::string(1, "abAB%'"[below(6)]);
    }
  }
  std::string repeat() {
    static constexpr std::array<const char*, 11> kRepeats{"",  "",    "",      "",      "?",  "*",
                                                          "+", "{2}", "{1,3}", "{0,2}", "{0}"};
    return kRepeats[below(kRepeats.size())];
  }
  std::mt19937 random_{20260301};
};

// One expression, as the engine has it.
class Matcher {
 public:
  explicit Matcher(Expression expression) : compilation_(compile_expressions(std::span(&expression, 1))) {
    hs_scratch_t* scratch = nullptr;
    if (compiled() && hs_alloc_scratch(compilation_.database.get(), &scratch) != HS_SUCCESS) throw std::bad_alloc();
    scratch_.reset(scratch);
  }
  bool compiled() const { return compilation_.database != nullptr; }
  bool matches(const std::string& text) const {
    bool matched = false;
    hs_scan(compilation_.database.get(), text.data(), static_cast<unsigned>(text.size()), 0, scratch_.get(), note_match,
            &matched);
    return matched;
  }

 private:
  static int note_match(unsigned int, unsigned long long, unsigned long long, unsigned int, void* matched) {
    *static_cast<bool*>(matched) = true;
    return 0;
  }

  Compiled compilation_;
  ScratchPtr scratch_;
};

}  // namespace wardline::classify::test
