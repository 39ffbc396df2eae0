#include "controlplane/appliance/open_flows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace wardline::appliance {
namespace {

struct OpenFlowsTest : testing::Test {
  void speaks(std::uint64_t flow_id) {
    Event event;
    event.kind = EventKind::kSpeaks;
    event.flow_id = flow_id;
    flows.note(event, "dev-1");
  }
  std::vector<std::uint64_t> open() const {
    std::vector<std::uint64_t> ids;
    for (const auto& each : flows.all()) ids.push_back(each.event.flow_id);
    return ids;
  }
  OpenFlows flows{3};
};

TEST_F(OpenFlowsTest, TheOneThatWasToldOfTheLongestAgoGivesWay) {
  for (const std::uint64_t id : {1, 2, 3, 1, 4}) speaks(id);
  EXPECT_THAT(open(), testing::ElementsAre(3, 1, 4));
}

TEST_F(OpenFlowsTest, AFlowThatEndedTakesNoPlace) {
  for (const std::uint64_t id : {1, 2, 3}) speaks(id);
  flows.end(2);
  flows.end(9);
  speaks(4);
  EXPECT_THAT(open(), testing::ElementsAre(1, 3, 4));
  EXPECT_TRUE(flows.contains(3));
  EXPECT_FALSE(flows.contains(2));
}

}  // namespace
}  // namespace wardline::appliance
