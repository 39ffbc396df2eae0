#include <gtest/gtest.h>

#include "dataplane/runtime/frame_processor.h"

namespace wardline::runtime {
namespace {

TEST(Bypass, LetsEveryWholeFramePassAndCountsAFrameCutShort) {
  std::array<std::byte, 100> bytes{};
  Batch batch;
  batch.size = 2;
  batch.frames[0] = {.bytes = bytes, .wire_length = 100};
  batch.frames[1] = {.bytes = bytes, .wire_length = 101};
  BypassProcessor bypass;
  bypass.process(batch, 1);
  EXPECT_EQ(Reason::kNone, batch.frames[0].drop);
  EXPECT_EQ(Reason::kMalformed, batch.frames[1].drop);
  bypass.count_forwarded(1, 100);
  const auto& counters = bypass.counters();
  EXPECT_EQ(2u, counters.received.read());
  EXPECT_EQ(201u, counters.received_bytes.read());
  EXPECT_EQ(counters.received.read() + counters.created.read(),
            counters.forwarded.read() + counters.dropped_total() + counters.held.read());
}

}  // namespace
}  // namespace wardline::runtime
