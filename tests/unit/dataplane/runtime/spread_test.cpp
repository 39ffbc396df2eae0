#include "dataplane/runtime/spread.h"

#include <gtest/gtest.h>
#include <rte_ethdev.h>
#include <rte_thash.h>

namespace wardline::runtime {
namespace {

constexpr std::uint64_t kBothVersions = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6;

TEST(Spread, HashesTheSourceOnDeviceLegsAndTheDestinationOnCoreLegs) {
  const auto offered = kBothVersions | RTE_ETH_RSS_L3_SRC_ONLY | RTE_ETH_RSS_L3_DST_ONLY | RTE_ETH_RSS_TCP;
  EXPECT_EQ(kBothVersions | RTE_ETH_RSS_L3_SRC_ONLY, DeviceAddressSpread::choose(offered, 40, Side::kDevice)->fields());
  EXPECT_EQ(kBothVersions | RTE_ETH_RSS_L3_DST_ONLY, DeviceAddressSpread::choose(offered, 40, Side::kCore)->fields());
}

TEST(Spread, IsRefusedToACardThatHashesBothAddressesOnly) {
  EXPECT_FALSE(DeviceAddressSpread::choose(kBothVersions, 40, Side::kDevice));
  EXPECT_FALSE(DeviceAddressSpread::choose(kBothVersions | RTE_ETH_RSS_L3_SRC_ONLY, 40, Side::kCore));
  EXPECT_FALSE(DeviceAddressSpread::choose(RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_L3_SRC_ONLY, 40, Side::kDevice));
}

TEST(Spread, AnAddressHashesAlikeInBothPlacesOfTheHeader) {
  const auto spread = *DeviceAddressSpread::choose(kBothVersions | RTE_ETH_RSS_L3_SRC_ONLY, 40, Side::kDevice);
  for (const std::uint32_t address : {0x0a140001u, 0x0a14ffffu, 0xc0a80117u}) {
    std::uint32_t as_source[2] = {address, 0}, as_destination[2] = {0, address};
    EXPECT_EQ(rte_softrss(as_source, 2, spread.key().data()), rte_softrss(as_destination, 2, spread.key().data()));
  }
}

// Cards have tables of 64 to 2,048 entries; a hash must give the same queue by each.
TEST(Spread, TablesOfAllSizesLeadAHashToTheSameQueue) {
  auto small = *DeviceAddressSpread::choose(kBothVersions | RTE_ETH_RSS_L3_SRC_ONLY, 40, Side::kDevice);
  auto large = small;
  small.repeat_after(128, 128, 3);
  large.repeat_after(128, 512, 3);
  for (std::uint16_t hash = 0; hash < 512; ++hash) EXPECT_EQ(small.queue_of(hash % 128), large.queue_of(hash)) << hash;
}

}  // namespace
}  // namespace wardline::runtime
