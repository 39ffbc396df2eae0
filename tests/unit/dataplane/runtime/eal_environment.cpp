#include <gtest/gtest.h>

#include <iostream>

#include "dataplane/runtime/eal.h"

namespace wardline::runtime {
namespace {

// Starts DPDK before the first test. WARDLINE_TEST_HUGE_PAGES=on runs the same tests with huge pages.
class EalEnvironment : public testing::Environment {
 public:
  void SetUp() override {
    const char* wish = std::getenv("WARDLINE_TEST_HUGE_PAGES");
    const bool huge = wish != nullptr && std::string_view(wish) == "on";
    const auto started = start_eal({.huge_pages = huge ? HugePages::kOn : HugePages::kOff, .memory_mb = 256, .pci = {}});
    ASSERT_TRUE(started) << started.error().text();
  }
};

const auto* const environment = testing::AddGlobalTestEnvironment(new EalEnvironment);

}  // namespace
}  // namespace wardline::runtime
