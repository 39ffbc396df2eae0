#include "dataplane/enforce/device_slots.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "dataplane/enforce/slot_index.h"

namespace wardline::enforce {
namespace {

Mac mac(std::uint32_t number) {
  Mac m;
  m.bytes = {0x02,
             0,
             static_cast<std::uint8_t>(number >> 24),
             static_cast<std::uint8_t>(number >> 16),
             static_cast<std::uint8_t>(number >> 8),
             static_cast<std::uint8_t>(number)};
  return m;
}
Address ip(std::uint32_t number) {
  return Address::v4(0x0a000000 + number);
}

SlotIdentity by_mac(SegmentId segment, std::uint32_t number) {
  SlotIdentity identity;
  identity.device_key = number;
  identity.segment = segment;
  identity.mac = mac(number);
  return identity;
}

std::unique_ptr<DeviceSlots> open_slots(std::uint32_t capacity) {
  return std::move(DeviceSlots::open("", capacity).value());
}

TEST(DeviceSlots, FindADeviceByItsInterfaceInItsSegmentOnly) {
  auto slots = open_slots(8);
  const auto slot = slots->allocate(by_mac(3, 1));
  ASSERT_EQ(slot, DeviceSlots::kFirstReal);
  EXPECT_EQ(slots->find_mac(3, mac(1)), slot);
  EXPECT_EQ(slots->find_mac(4, mac(1)), kNoSlot);
  EXPECT_EQ(slots->find_mac(3, mac(2)), kNoSlot);
  EXPECT_TRUE(slots->identity(slot).used);
  EXPECT_EQ(slots->identity(slot).device_key, 1u);
}

TEST(DeviceSlots, FindARoutedDeviceByItsAddress) {
  auto slots = open_slots(8);
  SlotIdentity routed = by_mac(5, 1);
  routed.by_ip = true;
  routed.address = ip(7);
  const auto slot = slots->allocate(routed);
  EXPECT_EQ(slots->find_ip(5, ip(7)), slot);
  EXPECT_EQ(slots->find_ip(6, ip(7)), kNoSlot);
  EXPECT_EQ(slots->find_mac(5, mac(1)), kNoSlot) << "its MAC is the router's";
  EXPECT_EQ(slots->find_peer(ip(7)), slot);
}

TEST(DeviceSlots, GiveAnInterfaceTheSlotItHasAlready) {
  auto slots = open_slots(8);
  const auto slot = slots->allocate(by_mac(3, 1));
  EXPECT_EQ(slots->allocate(by_mac(3, 1)), slot);
  EXPECT_EQ(slots->used(), 1u);
}

TEST(DeviceSlots, LeadSeveralInterfacesToOneSlotUntilItIsReleased) {
  auto slots = open_slots(8);
  const auto slot = slots->allocate(by_mac(3, 1));
  ASSERT_TRUE(slots->bind_mac(3, mac(2), slot));
  ASSERT_TRUE(slots->bind_peer_address(ip(1), slot));
  EXPECT_EQ(slots->find_mac(3, mac(2)), slot);
  slots->release(slot);
  EXPECT_EQ(slots->find_mac(3, mac(1)), kNoSlot);
  EXPECT_EQ(slots->find_mac(3, mac(2)), kNoSlot);
  EXPECT_EQ(slots->find_peer(ip(1)), kNoSlot);
  EXPECT_EQ(slots->used(), 0u);
}

TEST(DeviceSlots, MoveAPeerAddressToTheDeviceThatUsesItNow) {
  auto slots = open_slots(8);
  const auto a = slots->allocate(by_mac(3, 1)), b = slots->allocate(by_mac(3, 2));
  slots->bind_peer_address(ip(9), a);
  slots->bind_peer_address(ip(9), b);
  EXPECT_EQ(slots->find_peer(ip(9)), b);
  slots->release(a);
  EXPECT_EQ(slots->find_peer(ip(9)), b) << "it is no longer the former device's to lose";
  slots->unbind_peer_address(ip(9));
  EXPECT_EQ(slots->find_peer(ip(9)), kNoSlot);
}

TEST(DeviceSlots, AreRefusedWhenAllAreInUse) {
  auto slots = open_slots(2);
  EXPECT_NE(slots->allocate(by_mac(1, 1)), kNoSlot);
  EXPECT_NE(slots->allocate(by_mac(1, 2)), kNoSlot);
  EXPECT_EQ(slots->allocate(by_mac(1, 3)), kNoSlot);
}

TEST(DeviceSlots, AreReusedWithANewEpochAndNothingOfTheFormerDevice) {
  auto slots = open_slots(1);
  const auto slot = slots->allocate(by_mac(1, 1));
  slots->update(slot, [](SlotWord& word) {
    word.device_class = 9;
    word.quarantine = Profile::kIsolate;
    return true;
  });
  slots->cold(slot).threshold = 3;
  slots->cold(slot).counted = 2;
  slots->bind_peer_address(ip(1), slot);
  const auto before = slots->epoch(slot);
  slots->release(slot);
  ASSERT_EQ(slots->allocate(by_mac(1, 2)), slot);
  SlotWord fresh;
  fresh.epoch = slots->epoch(slot);
  EXPECT_EQ(slots->word(slot), fresh);
  EXPECT_GT(slots->epoch(slot), before);
  EXPECT_EQ(slots->cold(slot).threshold, 0);
  EXPECT_EQ(slots->cold(slot).counted, 0u);
}

TEST(DeviceSlots, AreListedInAscendingOrder) {
  auto slots = open_slots(4);
  const auto a = slots->allocate(by_mac(1, 1)), b = slots->allocate(by_mac(1, 2)), c = slots->allocate(by_mac(1, 3));
  slots->release(b);
  EXPECT_EQ(std::vector<SlotId>(slots->real_slots().begin(), slots->real_slots().end()), (std::vector{a, c}));
  EXPECT_EQ(slots->allocate(by_mac(1, 4)), b);
  EXPECT_EQ(std::vector<SlotId>(slots->real_slots().begin(), slots->real_slots().end()), (std::vector{a, b, c}));
}

TEST(DeviceSlots, AdvanceTheEpochOnlyWhenAChangeIsMade) {
  auto slots = open_slots(1);
  const auto slot = slots->allocate(by_mac(1, 1));
  const auto before = slots->epoch(slot);
  EXPECT_FALSE(slots->update(slot, [](SlotWord&) { return false; }));
  EXPECT_EQ(slots->epoch(slot), before);
  EXPECT_TRUE(slots->update(slot, [](SlotWord& word) { return word.armed = Profile::kContain, true; }));
  EXPECT_EQ(slots->epoch(slot), before + 1);
  EXPECT_EQ(slots->epoch(kNoSlot), 0u);
}

TEST(DeviceSlots, LoseNoChangeWhenThreadsChangeOneWordAtOnce) {
  auto slots = open_slots(1);
  const auto slot = slots->allocate(by_mac(1, 1));
  const auto before = slots->epoch(slot);
  const auto work = [&] {
    for (int i = 0; i < 20000; ++i) slots->update(slot, [](SlotWord&) { return true; });
  };
  std::thread other(work);
  work();
  other.join();
  EXPECT_EQ(slots->epoch(slot), before + 40000);
}

TEST(DeviceSlots, StandForTheUnidentifiedOfEachSegmentBeforeTheRealOnes) {
  auto slots = open_slots(1);
  EXPECT_EQ(slots->identity(17).segment, 17);
  EXPECT_FALSE(slots->identity(17).used);
  EXPECT_EQ(slots->word(17), SlotWord{});
}

TEST(DeviceSlots, NumberNamesOnceAndForEver) {
  auto slots = open_slots(1);
  EXPECT_EQ(slots->class_number("unidentified"), kUnidentifiedClass);
  const auto pump = slots->class_number("infusion-pump"), monitor = slots->class_number("patient-monitor");
  EXPECT_NE(pump, monitor);
  EXPECT_NE(pump, kUnidentifiedClass);
  EXPECT_EQ(slots->class_number("infusion-pump"), pump);
  EXPECT_EQ(slots->segment_number("unknown"), kUnknownSegment);
  EXPECT_EQ(slots->segment_number("icu-4b"), slots->segment_number("icu-4b"));
  const std::string long_name(100, 'x');
  EXPECT_EQ(slots->class_number(long_name), slots->class_number(long_name));
  EXPECT_NE(slots->class_number(long_name), slots->class_number(long_name + "y"));
}

TEST(DeviceSlots, GiveNoNumberWhenTheRegistryIsFull) {
  auto slots = open_slots(1);
  for (std::uint32_t n = 1; n < kMaxClasses; ++n) ASSERT_EQ(slots->class_number("c" + std::to_string(n)), n);
  EXPECT_EQ(slots->class_number("one too many"), kNoClass);
  EXPECT_EQ(slots->class_number("c17"), 17);
}

TEST(SlotIndex, FindsWhatStandsThroughManyRoundsOfBindingAndLettingGo) {
  SlotIndex<1> index(64, 12345);
  for (std::uint64_t round = 0; round < 2000; ++round) {
    for (std::uint64_t k = 0; k < 50; ++k) ASSERT_TRUE(index.put({round * 50 + k}, static_cast<SlotId>(k)));
    for (std::uint64_t k = 0; k < 50; ++k) ASSERT_EQ(index.find({round * 50 + k}), k);
    for (std::uint64_t k = 0; k < 50; ++k) index.erase({round * 50 + k});
    ASSERT_EQ(index.find({round * 50}), kNoSlot);
  }
}

// Readers look up while entries change hands at once: a key may be met or missed, but never with another key's slot.
TEST(SlotIndex, NeverShowsAReaderAnotherKeysSlot) {
  SlotIndex<2> index(64, 99);
  const auto key = [](std::uint64_t n) { return SlotIndex<2>::Key{n, ~n}; };
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> wrong{0}, met{0};
  ASSERT_TRUE(index.put(key(1000), 1000));
  std::thread reader([&] {
    while (!stop) {
      for (std::uint64_t n = 0; n < 200; ++n)
        if (const auto slot = index.find(key(n)); slot != kNoSlot) (slot == n ? met : wrong)++;
      if (index.find(key(1000)) != 1000) ++wrong;
    }
  });
  for (int round = 0; round < 4000; ++round)
    for (std::uint64_t n = 0; n < 200; n += 5) {
      const auto now = (n + static_cast<std::uint64_t>(round)) % 200;
      index.put(key(now), static_cast<SlotId>(now));
      index.erase(key((now + 195) % 200));
    }
  stop = true;
  reader.join();
  EXPECT_EQ(wrong, 0u);
}

}  // namespace
}  // namespace wardline::enforce
