#include <gtest/gtest.h>

#include <iostream>

#include "dataplane/runtime/eal.h"

#if defined(__SANITIZE_ADDRESS__)
// The af_xdp driver forgets 80 bytes of libxdp for each port; not ours, and once in a port's life.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:xsk_umem__create\n";
}
#endif

namespace wardline::runtime {
namespace {

// Starts DPDK before the first test. WARDLINE_TEST_HUGE_PAGES=on runs the same tests with huge pages.
class EalEnvironment : public testing::Environment {
 public:
  void SetUp() override {
    const char* wish = std::getenv("WARDLINE_TEST_HUGE_PAGES");
    const bool huge = wish != nullptr && std::string_view(wish) == "on";
    const auto started =
        start_eal({.huge_pages = huge ? HugePages::kOn : HugePages::kOff, .memory_mb = 256, .drivers = {}, .pci = {}});
    ASSERT_TRUE(started) << started.error().text();
  }
};

const auto* const environment = testing::AddGlobalTestEnvironment(new EalEnvironment);

}  // namespace
}  // namespace wardline::runtime
