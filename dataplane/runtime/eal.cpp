#include "dataplane/runtime/eal.h"

#include <fmt/format.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <deque>
#include <fstream>
#include <mutex>
#include <string_view>

namespace wardline::runtime {
namespace {

// Drivers write from any thread, though hardly ever after the start.
class DriverLog {
 public:
  void add(std::string_view text) {
    const std::scoped_lock lock(mutex_);
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
    if (text.empty()) return;
    if (lines_.size() == kMost) lines_.pop_front();
    lines_.emplace_back(text.substr(0, 300));
  }
  std::vector<std::string> take() {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> lines(lines_.begin(), lines_.end());
    lines_.clear();
    return lines;
  }

 private:
  static constexpr std::size_t kMost = 64;
  std::mutex mutex_;
  std::deque<std::string> lines_;
};

DriverLog& driver_log() {
  static auto* log = new DriverLog;  // outlives every thread that may write to it
  return *log;
}

ssize_t write_driver_log(void*, const char* text, std::size_t size) {
  driver_log().add({text, size});
  return static_cast<ssize_t>(size);
}

void catch_driver_log() {
  std::FILE* stream = fopencookie(nullptr, "w", {nullptr, write_driver_log, nullptr, nullptr});
  if (stream == nullptr) return;
  std::setvbuf(stream, nullptr, _IOLBF, 0);
  rte_openlog_stream(stream);
  rte_log_set_global_level(RTE_LOG_NOTICE);
}

std::uint64_t free_huge_page_mb() {
  std::ifstream file("/proc/meminfo");
  std::string key;
  std::uint64_t value = 0, pages = 0, page_kb = 0;
  std::string rest;
  while (file >> key >> value) {
    std::getline(file, rest);
    if (key == "HugePages_Free:") pages = value;
    if (key == "Hugepagesize:") page_kb = value;
  }
  return pages * page_kb / 1024;
}

Result<bool> choose_huge_pages(const EalOptions& options, std::vector<Notice>& notices) {
  const auto free_mb = free_huge_page_mb();
  const bool enough = free_mb >= options.memory_mb;
  const auto how = fmt::format("sysctl vm.nr_hugepages={}", options.memory_mb / 2 + 16);
  if (options.huge_pages == HugePages::kOff || (options.huge_pages == HugePages::kAuto && !enough)) {
    if (!options.pci.empty())
      return fail("eal.huge-pages", options.pci.front(),
                  fmt::format("PCI cards need {} MB of huge pages, and {} MB are free; run `{}`", options.memory_mb,
                              free_mb, how));
    notices.push_back({Notice::Level::kInfo,
                       {},
                       fmt::format("runs without huge pages, which is slower; `{}` before the start gives them", how)});
    return false;
  }
  if (!enough)
    return fail("eal.huge-pages", {},
                fmt::format("{} MB of huge pages are needed, and {} MB are free; run `{}` or set `huge_pages: auto`",
                            options.memory_mb, free_mb, how));
  return true;
}

// EAL pins the thread that starts it; the control plane must stay where the operator put it.
class KeepAffinity {
 public:
  KeepAffinity() { known_ = sched_getaffinity(0, sizeof cores_, &cores_) == 0; }
  ~KeepAffinity() {
    if (known_) sched_setaffinity(0, sizeof cores_, &cores_);
  }
  int first() const {
    for (int core = 0; known_ && core < CPU_SETSIZE; ++core)
      if (CPU_ISSET(core, &cores_)) return core;
    return 0;
  }

 private:
  cpu_set_t cores_{};
  bool known_ = false;
};

std::vector<std::string> arguments(const EalOptions& options, bool huge, int core) {
  std::vector<std::string> words{"wardline",
                                 "-l",
                                 std::to_string(core),
                                 "-m",
                                 std::to_string(options.memory_mb),
                                 "--no-telemetry",
                                 "--file-prefix",
                                 "wardline-" + std::to_string(getpid())};
  // Never both: EAL refuses --in-memory without huge pages.
  if (huge) {
    words.push_back("--in-memory");
  } else {
    words.insert(words.end(), {"--no-huge", "--no-shconf"});
  }
  if (options.pci.empty()) words.push_back("--no-pci");
  for (const auto& path : options.drivers) words.insert(words.end(), {"-d", path});
  for (const auto& address : options.pci) words.insert(words.end(), {"-a", address});
  return words;
}

}  // namespace

std::vector<std::string> take_driver_log() {
  return driver_log().take();
}

Result<std::vector<Notice>> start_eal(const EalOptions& options) {
  static std::mutex mutex;
  static bool started = false;
  static std::vector<std::string> words;  // EAL keeps pointers into them
  const std::scoped_lock lock(mutex);
  std::vector<Notice> notices;
  if (started) return notices;
  const auto huge = choose_huge_pages(options, notices);
  if (!huge) return std::unexpected(huge.error());
  const KeepAffinity affinity;
  catch_driver_log();
  words = arguments(options, *huge, affinity.first());
  std::vector<char*> raw;
  for (auto& word : words) raw.push_back(word.data());
  if (rte_eal_init(static_cast<int>(raw.size()), raw.data()) < 0) {
    std::string lines;
    for (const auto& line : take_driver_log()) lines += "; " + line;
    return fail("eal.start", {}, fmt::format("DPDK did not start: {}{}", rte_strerror(rte_errno), lines));
  }
  started = true;
  rmdir(rte_eal_get_runtime_dir());  // empty, and nobody would take it away
  return notices;
}

}  // namespace wardline::runtime
