#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace wardline::perf {

// Marks what of a round is measured; what lies between stop() and the next start() is preparation. On the processor it
// adds up the time-stamp counter, under callgrind it switches the counting of instructions.
class Region {
 public:
  void start();
  void stop();
  std::uint64_t cycles() const { return cycles_; }

 private:
  std::uint64_t began_ = 0, cycles_ = 0;
};

// The cases of one micro-benchmark. Each prints one JSON object a line:
//   {"name": "settled/udp4/flows=1000", "operations": 65536, "rounds": 15, "ns": 61.2, "mad": 0.4}
// ns and mad are of one operation: the median of the rounds, and the median distance from it. Under callgrind there is
// one round after a warm-up, no time, and a dump named after the case, whose instructions perf/harness/callgrind.py
// divides by the operations. Seeds are fixed: the same build executes the same instructions in every run.
//
//   options: --list names the cases; --only PARTS runs those whose name has these parts (udp4, settled/udp4,
//   flows=1000); --rounds N
class Bench {
 public:
  Bench(int argc, char** argv);

  static bool under_valgrind();
  // For preparation that only wanted cases are worth.
  bool wants(std::string_view name) const;
  // One call of `round` does `operations` of what is measured, between region.start() and region.stop().
  void measure(const std::string& name, std::uint64_t operations, const std::function<void(Region&)>& round);

 private:
  std::vector<std::string> only_;
  unsigned rounds_ = 15;
  bool list_ = false;
};

// Keeps a value that nobody reads from being optimised away.
template <typename T>
inline void keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

}  // namespace wardline::perf
