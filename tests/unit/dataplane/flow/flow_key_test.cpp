#include "dataplane/flow/flow_key.h"

#include <gtest/gtest.h>

#include <bit>
#include <unordered_set>
#include <vector>

namespace wardline::flow {
namespace {

constexpr HashSeed kKeySeed{{0x0123456789abcdef, 0xfedcba9876543210, 0x5a5a5a5a5a5a5a5a, 0x1f2e3d4c5b6a7988}};

Address v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return Address::v4(std::uint32_t{a} << 24 | std::uint32_t{b} << 16 | std::uint32_t{c} << 8 | d);
}

Address v6(std::uint8_t first, std::uint8_t last) {
  Address address;
  address.bytes[0] = first;
  address.bytes[15] = last;
  return address;
}

struct OrientCase {
  const char* says;
  Address source;
  std::uint16_t source_port;
  Address target;
  std::uint16_t target_port;
  bool from_high;
};

class Orient4 : public testing::TestWithParam<OrientCase> {};

TEST_P(Orient4, GivesBothDirectionsOfOnePassOneKey) {
  const auto& c = GetParam();
  SCOPED_TRACE(c.says);
  const auto there = orient4(7, c.source, c.source_port, c.target, c.target_port, 6, Side::kDevice);
  const auto back = orient4(7, c.target, c.target_port, c.source, c.source_port, 6, Side::kCore);
  EXPECT_EQ(there.key, back.key);
  EXPECT_EQ(there.from_high, c.from_high);
  EXPECT_NE(there.from_high, back.from_high);
}

TEST_P(Orient4, GivesTheSecondPassOfAHairpinAnotherKey) {
  const auto& c = GetParam();
  SCOPED_TRACE(c.says);
  const auto first = orient4(7, c.source, c.source_port, c.target, c.target_port, 6, Side::kDevice);
  const auto second = orient4(7, c.source, c.source_port, c.target, c.target_port, 6, Side::kCore);
  EXPECT_NE(first.key, second.key);
  EXPECT_NE(first.key.pass, second.key.pass);
}

INSTANTIATE_TEST_SUITE_P(
    Keys, Orient4,
    testing::Values(OrientCase{"client has the lower address", v4(10, 0, 0, 1), 49152, v4(10, 0, 0, 9), 443, false},
                    OrientCase{"the last byte weighs least", v4(10, 0, 0, 200), 1, v4(10, 0, 1, 1), 1, false},
                    OrientCase{"client has the higher address", v4(192, 0, 2, 1), 1, v4(10, 0, 0, 9), 65535, true},
                    OrientCase{"same address, lower port decides", v4(10, 0, 0, 1), 443, v4(10, 0, 0, 1), 80, true},
                    OrientCase{"ports compare by number", v4(10, 0, 0, 1), 255, v4(10, 0, 0, 1), 256, false}));

TEST(Orient, TellsWithPassWhichEndpointIsOnTheDeviceSide) {
  const auto low_is_device = orient4(1, v4(10, 0, 0, 1), 5, v4(10, 0, 0, 2), 5, 17, Side::kDevice);
  const auto high_is_device = orient4(1, v4(10, 0, 0, 2), 5, v4(10, 0, 0, 1), 5, 17, Side::kDevice);
  EXPECT_EQ(low_is_device.key.pass, 0);
  EXPECT_EQ(high_is_device.key.pass, 1);
}

TEST(Orient, KeepsTheLegApartWhenBothEndpointsAreEqual) {
  const auto device = orient4(1, v4(10, 0, 0, 1), 5353, v4(10, 0, 0, 1), 5353, 17, Side::kDevice);
  const auto core = orient4(1, v4(10, 0, 0, 1), 5353, v4(10, 0, 0, 1), 5353, 17, Side::kCore);
  EXPECT_EQ(device.key.pass, 0);
  EXPECT_EQ(core.key.pass, 1);
  EXPECT_FALSE(device.from_high);
}

TEST(Orient, KeepsAddressesAndPortsAsOnTheWire) {
  const auto key = orient4(1, v4(10, 0, 0, 1), 0x1234, v4(10, 0, 0, 2), 80, 6, Side::kDevice).key;
  const auto bytes = std::bit_cast<std::array<std::uint8_t, sizeof key>>(key);
  EXPECT_EQ(bytes[0], 10);
  EXPECT_EQ(bytes[3], 1);
  EXPECT_EQ(bytes[8], 0x12);
  EXPECT_EQ(bytes[9], 0x34);
}

TEST(Orient, OrdersVersion6AddressesByTheirFirstDifferingByte) {
  const auto there = orient6(3, v6(0x20, 1), 1000, v6(0x20, 2), 53, 17, Side::kDevice);
  const auto back = orient6(3, v6(0x20, 2), 53, v6(0x20, 1), 1000, 17, Side::kCore);
  EXPECT_EQ(there.key, back.key);
  EXPECT_FALSE(there.from_high);
  EXPECT_TRUE(orient6(3, v6(0xfe, 1), 1, v6(0x20, 9), 1, 17, Side::kDevice).from_high);
  EXPECT_EQ(there.key.low_address, v6(0x20, 1).bytes);
}

template <typename Key>
class FlowHash : public testing::Test {};
using Keys = testing::Types<FlowKey4, FlowKey6>;
TYPED_TEST_SUITE(FlowHash, Keys);

TYPED_TEST(FlowHash, ChangesWithEveryBitOfTheKey) {
  TypeParam key{};
  std::unordered_set<std::uint64_t> seen{hash(key, kKeySeed)};
  for (std::size_t bit = 0; bit < sizeof key * 8; ++bit) {
    auto bytes = std::bit_cast<std::array<std::uint8_t, sizeof(TypeParam)>>(key);
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_TRUE(seen.insert(hash(std::bit_cast<TypeParam>(bytes), kKeySeed)).second) << "bit " << bit;
  }
}

TYPED_TEST(FlowHash, DependsOnEveryWordOfTheSeed) {
  TypeParam key{};
  key.low_port = 80;
  for (std::size_t word = 0; word < 4; ++word) {
    HashSeed seed = kKeySeed;
    seed.words[word] ^= 2;
    EXPECT_NE(hash(key, seed), hash(key, kKeySeed)) << "word " << word;
  }
}

// Neighbouring addresses and ports are what a ward has; the tag (low bits) and the bucket (high bits) must both spread.
TYPED_TEST(FlowHash, SpreadsNeighbouringKeysOverTagsAndBuckets) {
  std::vector<unsigned> by_low(256), by_high(256);
  for (std::uint32_t n = 0; n < 65536; ++n) {
    TypeParam key{};
    key.low_port = static_cast<std::uint16_t>(n);
    key.proto = 6;
    const auto h = hash(key, kKeySeed);
    ++by_low[h & 0xff];
    ++by_high[h >> 56];
  }
  for (std::size_t i = 0; i < 256; ++i) {  // 256 expected, standard deviation 16
    EXPECT_NEAR(by_low[i], 256, 120) << i;
    EXPECT_NEAR(by_high[i], 256, 120) << i;
  }
}

}  // namespace
}  // namespace wardline::flow
