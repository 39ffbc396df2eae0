#include <gtest/gtest.h>

#include "captured.h"
#include "observed.h"

namespace wardline::identity {
namespace {

using test::value_of;

TEST(LldpObserver, TellsTheBedMonitorsMakerModelAndSerial) {
  WARDLINE_FRAMES_OR_SKIP(frames, "identity/gen-lldp-med-bed-monitor.pcap");
  std::vector<Observation> told;
  for (const auto& frame : frames)
    for (auto& observation : observe(test::copy_of(frame, Side::kDevice), "")) told.push_back(observation);
  EXPECT_FALSE(value_of(told, "lldp.name").empty());
  EXPECT_FALSE(value_of(told, "lldp.description").empty());
  EXPECT_FALSE(value_of(told, "lldp.vendor").empty());
  EXPECT_FALSE(value_of(told, "lldp.model").empty());
}

TEST(LldpObserver, TheSwitchOnTheCoreSideIsNoDevice) {
  WARDLINE_FRAMES_OR_SKIP(frames, "identity/gen-lldp-med-bed-monitor.pcap");
  for (const auto& frame : frames) EXPECT_TRUE(observe(test::copy_of(frame, Side::kCore), "").empty());
}

}  // namespace
}  // namespace wardline::identity
