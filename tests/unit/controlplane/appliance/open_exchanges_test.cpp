#include "controlplane/appliance/open_exchanges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace wardline::appliance {
namespace {

struct Exchanges : testing::Test {
  void speaks(std::uint64_t flow_id) {
    Event event;
    event.kind = EventKind::kSpeaks;
    event.flow_id = flow_id;
    exchanges.note(event, "dev-1");
  }
  std::vector<std::uint64_t> open() const {
    std::vector<std::uint64_t> ids;
    for (const auto& each : exchanges.all()) ids.push_back(each.event.flow_id);
    return ids;
  }
  OpenExchanges exchanges{3};
};

TEST_F(Exchanges, TheOneThatSpokeTheLongestAgoGivesWay) {
  for (const std::uint64_t id : {1, 2, 3, 1, 4}) speaks(id);
  EXPECT_THAT(open(), testing::ElementsAre(3, 1, 4));
}

TEST_F(Exchanges, AFlowThatEndedTakesNoPlace) {
  for (const std::uint64_t id : {1, 2, 3}) speaks(id);
  exchanges.end(2);
  exchanges.end(9);
  speaks(4);
  EXPECT_THAT(open(), testing::ElementsAre(1, 3, 4));
}

}  // namespace
}  // namespace wardline::appliance
