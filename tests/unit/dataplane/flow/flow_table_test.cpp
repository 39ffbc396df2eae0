#include "dataplane/flow/flow_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace wardline::flow {
namespace {

constexpr HashSeed kSeed{{0x0123456789abcdef, 0xfedcba9876543210, 0x5a5a5a5a5a5a5a5a, 0x1f2e3d4c5b6a7988}};

template <typename Key>
Key key_of(std::uint32_t number) {
  Key key{};
  std::memcpy(&key, &number, sizeof number);
  key.proto = 6;
  return key;
}

template <typename Key>
std::vector<FlowIndex> all_of(const FlowTable<Key>& table, const Key& key) {
  std::vector<FlowIndex> found;
  const auto hash = table.hash(key);
  for (auto index = table.find(key, hash); index != kNoFlow; index = table.find_next(key, hash, index))
    found.push_back(index);
  std::ranges::sort(found);
  return found;
}

// The slow twin: key number -> indices.
template <typename Key>
class Twin {
 public:
  explicit Twin(std::uint32_t capacity) : table_(capacity, kSeed) {}

  void insert(std::uint32_t number) {
    const auto key = key_of<Key>(number);
    const auto index = table_.insert(key, table_.hash(key));
    if (index == kNoFlow) {
      ++refused_;
      return;
    }
    ASSERT_TRUE(table_.occupied(index));
    ASSERT_EQ(table_.hot(index).key, key);
    ASSERT_EQ(table_.hot(index).packets[0], 0u) << "a record begins zeroed";
    ASSERT_EQ(table_.cold(index).app, kNoApp);
    auto [generation, fresh] = generations_.try_emplace(index, table_.cold(index).generation);
    ASSERT_TRUE(fresh || generation->second != table_.cold(index).generation) << "the generation moves on";
    generation->second = table_.cold(index).generation;
    table_.hot(index).packets[0] = number + 1;
    table_.cold(index).app = 99;
    table_.cold(index).side = 12345;
    known_.emplace(number, index);
  }
  void erase_one(std::uint32_t number) {
    const auto place = known_.find(number);
    if (place == known_.end()) return;
    table_.erase(place->second);
    ASSERT_FALSE(table_.occupied(place->second));
    known_.erase(place);
  }
  void compare(std::uint32_t number) {
    std::vector<FlowIndex> expected;
    const auto [from, to] = known_.equal_range(number);
    for (auto it = from; it != to; ++it) expected.push_back(it->second);
    std::ranges::sort(expected);
    ASSERT_EQ(all_of(table_, key_of<Key>(number)), expected) << "key " << number;
    for (const auto index : expected) ASSERT_EQ(table_.hot(index).packets[0], number + 1);
    ASSERT_EQ(table_.size(), known_.size());
  }
  FlowTable<Key>& table() { return table_; }
  std::uint32_t refused() const { return refused_; }

 private:
  FlowTable<Key> table_;
  std::unordered_multimap<std::uint32_t, FlowIndex> known_;
  std::map<FlowIndex, std::uint16_t> generations_;
  std::uint32_t refused_ = 0;
};

template <typename Key>
class FlowTableTest : public testing::Test {};
using Keys = testing::Types<FlowKey4, FlowKey6>;
TYPED_TEST_SUITE(FlowTableTest, Keys);

TYPED_TEST(FlowTableTest, AgreesWithAPlainMapUnderRandomOperations) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (const std::uint32_t capacity : {1u, 7u, 64u, 1000u}) {
    Twin<TypeParam> twin(capacity);
    const std::uint32_t keys = capacity + capacity / 2 + 1;  // some keys twice, some inserts refused
    for (int round = 0; round < 8000; ++round) {
      const auto number = static_cast<std::uint32_t>(random() % keys);
      // Phases of growth and of decline, so that the table meets both its ends.
      const bool grow = random() % 100 < ((round / 1000) % 2 == 0 ? 70u : 30u);
      ASSERT_NO_FATAL_FAILURE(grow ? twin.insert(number) : twin.erase_one(number));
      ASSERT_NO_FATAL_FAILURE(twin.compare(number));
      if (round % 2000 != 0) continue;
      for (std::uint32_t n = 0; n < keys; ++n) ASSERT_NO_FATAL_FAILURE(twin.compare(n));
    }
    EXPECT_GT(twin.refused(), 0u) << "the table was never full: the test proves too little";
  }
}

TYPED_TEST(FlowTableTest, HoldsAsManyFlowsAsItsCapacityAndThenRefuses) {
  for (const std::uint32_t capacity : {1u, 8u, 100u, 4096u, 30000u}) {
    FlowTable<TypeParam> table(capacity, kSeed);
    for (std::uint32_t n = 0; n < capacity; ++n) {
      const auto key = key_of<TypeParam>(n);
      ASSERT_NE(table.insert(key, table.hash(key)), kNoFlow) << n << " of " << capacity;
    }
    const auto one_more = key_of<TypeParam>(capacity);
    EXPECT_EQ(table.insert(one_more, table.hash(one_more)), kNoFlow);
    EXPECT_EQ(table.size(), capacity);
    EXPECT_LE(table.overflowed(), capacity / 1000 + 8);
    for (std::uint32_t n = 0; n < capacity; ++n) ASSERT_EQ(all_of(table, key_of<TypeParam>(n)).size(), 1u) << n;
    for (FlowIndex index = 0; index < capacity; ++index) table.erase(index);
    EXPECT_EQ(table.size(), 0u);
    EXPECT_EQ(table.overflowed(), 0u);
    EXPECT_NE(table.insert(one_more, table.hash(one_more)), kNoFlow);
  }
}

// A device that teams network cards may open one key many times; look-ups stay bounded and others are not hurt.
TYPED_TEST(FlowTableTest, BoundsTheRecordsOfOneKeyAndFindsThemAll) {
  FlowTable<TypeParam> table(1000, kSeed);
  const auto key = key_of<TypeParam>(42);
  std::set<FlowIndex> made;
  for (int i = 0; i < 100; ++i)
    if (const auto index = table.insert(key, table.hash(key)); index != kNoFlow) made.insert(index);
  EXPECT_GE(made.size(), 8u);
  EXPECT_LE(made.size(), 16 + FlowTable<TypeParam>::kMaxChain);
  EXPECT_EQ(all_of(table, key), std::vector<FlowIndex>(made.begin(), made.end()));
  EXPECT_GT(table.overflowed(), 0u);
  while (!made.empty()) {  // erasing from the buckets brings the overflowed ones home
    table.erase(*made.begin());
    made.erase(made.begin());
    ASSERT_EQ(all_of(table, key), std::vector<FlowIndex>(made.begin(), made.end()));
  }
  EXPECT_EQ(table.overflowed(), 0u);
}

TYPED_TEST(FlowTableTest, FindsNothingInAnEmptyTable) {
  const FlowTable<TypeParam> table(16, kSeed);
  const auto key = key_of<TypeParam>(1);
  EXPECT_EQ(table.find(key, table.hash(key)), kNoFlow);
  EXPECT_FALSE(table.occupied(0));
  table.prefetch_first(table.hash(key));
  const Bucket& second = table.prefetch_second(table.hash(key));
  FlowIndex index = 0;
  EXPECT_FALSE(table.likely_first(table.hash(key), index));
  EXPECT_FALSE(table.likely_in(second, table.hash(key), index));
}

TEST(FlowTable, NeedsAtMost96BytesForAVersion4FlowAtCapacity) {
  const FlowTable4 table(1 << 20, kSeed);
  EXPECT_LE(table.memory_bytes(), std::size_t{96} << 20);
}

TEST(FlowTable, KeepsItsRecordsWhenItIsMoved) {
  FlowTable4 table(64, kSeed);
  const auto key = key_of<FlowKey4>(5);
  const auto index = table.insert(key, table.hash(key));
  const FlowTable4 moved = std::move(table);
  EXPECT_EQ(moved.find(key, moved.hash(key)), index);
}

}  // namespace
}  // namespace wardline::flow
