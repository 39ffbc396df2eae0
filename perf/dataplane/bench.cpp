#include "perf/dataplane/bench.h"

#include <valgrind/callgrind.h>
#include <x86intrin.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace wardline::perf {
namespace {

// Of the time-stamp counter, which runs at one speed whatever the core does.
double cycles_per_ns() {
  static const double measured = [] {
    using Clock = std::chrono::steady_clock;
    const auto began = Clock::now();
    const auto first = __rdtsc();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const auto cycles = static_cast<double>(__rdtsc() - first);
    return cycles / std::chrono::duration<double, std::nano>(Clock::now() - began).count();
  }();
  return measured;
}

double median(std::vector<double>& values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void print_times(const std::string& name, std::uint64_t operations, std::vector<double> times) {
  const auto rounds = times.size();
  const double middle = median(times);
  for (double& time : times) time = std::abs(time - middle);
  std::printf(R"({"name": "%s", "operations": %llu, "rounds": %zu, "ns": %.2f, "mad": %.2f})"
              "\n",
              name.c_str(), static_cast<unsigned long long>(operations), rounds, middle, median(times));
  std::fflush(stdout);
}

}  // namespace

void Region::start() {
  if (Bench::under_valgrind())
    CALLGRIND_TOGGLE_COLLECT;
  else
    began_ = __rdtsc();
}

void Region::stop() {
  if (Bench::under_valgrind())
    CALLGRIND_TOGGLE_COLLECT;
  else
    cycles_ += __rdtsc() - began_;
}

Bench::Bench(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--list") {
      list_ = true;
    } else if (option == "--only" && i + 1 < argc) {
      only_.emplace_back(argv[++i]);
    } else if (option == "--rounds" && i + 1 < argc) {
      rounds_ = static_cast<unsigned>(std::clamp(std::atoi(argv[++i]), 1, 1000));
    } else {
      std::fprintf(stderr, "%s: usage: [--list] [--only TEXT]... [--rounds N], found %s\n", argv[0], argv[i]);
      std::exit(2);
    }
  }
}

bool Bench::under_valgrind() {
  static const bool found = RUNNING_ON_VALGRIND != 0;
  return found;
}

bool Bench::wants(std::string_view name) const {
  if (list_) {
    std::printf("%.*s\n", static_cast<int>(name.size()), name.data());
    return false;
  }
  const auto parts = "/" + std::string(name) + "/";
  return only_.empty() ||
         std::ranges::any_of(only_, [&](const auto& text) { return parts.contains("/" + text + "/"); });
}

void Bench::measure(const std::string& name, std::uint64_t operations, const std::function<void(Region&)>& round) {
  if (under_valgrind()) {
    // Callgrind is started with --instr-atstart=no --collect-atstart=no: all preparation runs at valgrind's own speed.
    Region warm_up;
    round(warm_up);  // an even number of switches, not instrumented: nothing is collected
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
    Region region;
    round(region);
    CALLGRIND_DUMP_STATS_AT(name.c_str());
    CALLGRIND_STOP_INSTRUMENTATION;
    std::printf(R"({"name": "%s", "operations": %llu})"
                "\n",
                name.c_str(), static_cast<unsigned long long>(operations));
    std::fflush(stdout);
    return;
  }
  std::vector<double> times;
  Region warm_up;
  round(warm_up);
  for (unsigned i = 0; i < rounds_; ++i) {
    Region region;
    round(region);
    times.push_back(static_cast<double>(region.cycles()) / cycles_per_ns() / static_cast<double>(operations));
  }
  print_times(name, operations, std::move(times));
}

}  // namespace wardline::perf
