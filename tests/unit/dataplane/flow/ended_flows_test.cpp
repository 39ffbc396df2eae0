#include "dataplane/flow/ended_flows.h"

#include <gtest/gtest.h>

namespace wardline::flow {
namespace {

EndedFlows::Flow ended(FlowIndex index, CoarseTick when) {
  return {.index = index, .generation = 7, .v6 = false, .ended = when};
}

TEST(EndedFlows, GivesThemInTheOrderInWhichTheyEnded) {
  EndedFlows flows(4);
  for (const FlowIndex index : {5U, 3U, 9U}) flows.add(ended(index, 100));
  EXPECT_EQ(flows.take(100, 0)->index, 5U);
  EXPECT_EQ(flows.take(100, 0)->index, 3U);
  EXPECT_EQ(flows.take(100, 0)->index, 9U);
  EXPECT_FALSE(flows.take(100, 0));
}

TEST(EndedFlows, WaitsForTheirTime) {
  EndedFlows flows(4);
  flows.add(ended(5, 100));
  EXPECT_FALSE(flows.take(149, 50));
  EXPECT_TRUE(flows.take(150, 50));
}

TEST(EndedFlows, TellsWhatIsTakenLater) {
  EndedFlows flows(3);
  for (const FlowIndex index : {1U, 2U, 3U, 4U}) flows.add(ended(index, 100));
  EXPECT_EQ(flows.later(0)->index, 2U);
  EXPECT_EQ(flows.later(2)->index, 4U);
  EXPECT_FALSE(flows.later(3));
  flows.take(100, 0);
  EXPECT_EQ(flows.later(1)->index, 4U);
  EXPECT_FALSE(flows.later(2));
}

TEST(EndedFlows, TheOldestGivesWayWhereThereIsNoRoom) {
  EndedFlows flows(2);
  for (const FlowIndex index : {1U, 2U}) EXPECT_FALSE(flows.add(ended(index, 100)));
  EXPECT_EQ(flows.add(ended(3, 100))->index, 1U);
  EXPECT_EQ(flows.take(100, 0)->index, 2U);
  EXPECT_EQ(flows.take(100, 0)->index, 3U);
  EXPECT_FALSE(flows.take(100, 0));
  EndedFlows none(0);
  EXPECT_EQ(none.add(ended(1, 100))->index, 1U);
  EXPECT_FALSE(none.take(100, 0));
}

}  // namespace
}  // namespace wardline::flow
