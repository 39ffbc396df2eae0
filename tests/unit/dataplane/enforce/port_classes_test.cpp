#include "dataplane/enforce/port_classes.h"

#include <gtest/gtest.h>

#include "dataplane/enforce/snapshot.h"

namespace wardline::enforce {
namespace {

TEST(PortClasses, AreRunsOfPortsThatTheSameRangesHold) {
  const std::vector<PortRange> ranges{{0, 0}, {63, 64}, {64, 200}, {443, 443}, {1024, 65535}, {65535, 65535}};
  const PortClasses classes(ranges);
  const auto held_by = [&](std::uint32_t port) {
    std::vector<bool> held;
    for (const auto& range : ranges) held.push_back(range.low <= port && port <= range.high);
    return held;
  };
  for (std::uint32_t port = 1; port <= 0xffff; ++port) {
    const auto here = classes.of(static_cast<std::uint16_t>(port));
    const auto before = classes.of(static_cast<std::uint16_t>(port - 1));
    ASSERT_EQ(here, before + (held_by(port) != held_by(port - 1) ? 1 : 0)) << port;
  }
}

TEST(PortClasses, OfAPolicyWithoutPortsAreOne) {
  const PortClasses classes(std::span<const PortRange>{});
  EXPECT_EQ(classes.of(1), classes.of(65535));
}

TEST(PortClasses, ThatWereNeverMadeTellAllPortsApart) {
  EXPECT_EQ(PortClasses().of(0), 0);
  EXPECT_EQ(PortClasses().of(65535), 65535);
}

TEST(PortClasses, HaveRoomForAPolicyThatNamesEveryPort) {
  std::vector<PortRange> ranges;
  for (std::uint32_t port = 0; port <= 0xffff; ++port)
    ranges.push_back({static_cast<std::uint16_t>(port), static_cast<std::uint16_t>(port)});
  EXPECT_EQ(PortClasses(ranges).of(65535), 65535);
}

}  // namespace
}  // namespace wardline::enforce
