// How much of what the workers tell is taken at once: the command line is answered between two drains.
#include <gtest/gtest.h>

#include "tests/unit/controlplane/appliance/hand_made.h"

namespace wardline::appliance {
namespace {

constexpr std::size_t kFlood = 1000;  // violations; each is a record, and takes some microseconds

void flood(HandMade& site) {
  site.use(site.policy());
  for (std::size_t i = 0; i < kFlood; ++i) {
    auto event = site.event(EventKind::kViolation, 1);
    event.flow_id = i + 1;
    site.put(event);
  }
}

TEST(Drain, AFloodIsLeftWhenItsTimeIsOver) {
  HandMade site("", "", std::chrono::milliseconds(1));
  flood(site);
  const auto first = site.drain_once();
  EXPECT_GE(first, Options{}.events_per_drain / 128) << "a share is taken whole";
  EXPECT_LT(first, kFlood);
  site.drain();
  EXPECT_EQ(site.records("violation").size(), kFlood) << "nothing is lost";
}

TEST(Drain, WithoutABoundInTimeItIsTakenWhole) {
  HandMade site;
  flood(site);
  EXPECT_EQ(site.drain_once(), kFlood);
}

}  // namespace
}  // namespace wardline::appliance
