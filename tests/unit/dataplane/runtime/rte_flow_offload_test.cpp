#include "dataplane/runtime/rte_flow_offload.h"

#include <gmock/gmock.h>

#include "dataplane/runtime/dataplane_runtime.h"
#include "tests/unit/dataplane/runtime/port_fixtures.h"

namespace wardline::runtime {
namespace {

TEST(RteFlowOffload, APortThatForwardsNothingByItselfIsToldByName) {
  const auto runtime = DataplaneRuntime::open(one_pair("net_null0", "net_null1"));
  ASSERT_TRUE(runtime) << runtime.error().front().text();
  const auto card = (*runtime)->make_offload();
  ASSERT_FALSE(card);
  EXPECT_EQ("port.offload", card.error().code);
  EXPECT_THAT(card.error().text(), testing::HasSubstr("net_null0: it does not forward decided flows by itself"));
}

}  // namespace
}  // namespace wardline::runtime
