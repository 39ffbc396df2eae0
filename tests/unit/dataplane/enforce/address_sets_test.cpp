#include <gtest/gtest.h>

#include <random>
#include <string>

#include "dataplane/enforce/snapshot.h"

namespace wardline::enforce {
namespace {

Address v4(std::uint32_t number) {
  return Address::v4(number);
}
Address all_ones() {
  Address a;
  a.bytes.fill(0xff);
  return a;
}

TEST(AddressSets, WithoutEntriesContainNothing) {
  const AddressSets none;
  EXPECT_EQ(none.find(v4(1)), 0u);
  EXPECT_FALSE(none.contains(0, 0));
  EXPECT_FALSE(none.contains(0, 0xffff)) << "the set that no policy defined";
}

TEST(AddressSets, IncludeBothEndsOfARange) {
  const AddressSets::Entry range[]{{v4(10), v4(20), 3}};
  const AddressSets sets(range, 4);
  for (const auto inside : {10u, 15u, 20u}) EXPECT_TRUE(sets.contains(sets.find(v4(inside)), 3)) << inside;
  for (const auto outside : {9u, 21u}) EXPECT_FALSE(sets.contains(sets.find(v4(outside)), 3)) << outside;
  EXPECT_FALSE(sets.contains(sets.find(v4(15)), 2));
}

TEST(AddressSets, ReachToTheLastAddress) {
  const AddressSets::Entry range[]{{Address{}, all_ones(), 0}};
  const AddressSets sets(range, 1);
  EXPECT_TRUE(sets.contains(sets.find(Address{}), 0));
  EXPECT_TRUE(sets.contains(sets.find(v4(5)), 0));
  EXPECT_TRUE(sets.contains(sets.find(all_ones()), 0));
}

TEST(AddressSets, AgreeWithALookAtEveryEntry) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto draw = [&](std::uint32_t below) { return static_cast<std::uint32_t>(random() % below); };
  for (int round = 0; round < 200; ++round) {
    const auto set_count = static_cast<std::uint16_t>(1 + draw(150));
    std::vector<AddressSets::Entry> entries(draw(60));
    for (auto& entry : entries) {
      const auto low = draw(250);
      entry = {v4(low), v4(low + draw(40)), static_cast<std::uint16_t>(draw(set_count))};
    }
    const AddressSets sets(entries, set_count);
    for (std::uint32_t number = 0; number < 300; ++number) {
      const auto bitset = sets.find(v4(number));
      for (std::uint16_t set = 0; set < set_count; ++set) {
        bool expected = false;
        for (const auto& e : entries) expected |= e.set == set && e.low <= v4(number) && v4(number) <= e.high;
        ASSERT_EQ(sets.contains(bitset, set), expected) << "address " << number << ", set " << set;
      }
    }
  }
}

}  // namespace
}  // namespace wardline::enforce
