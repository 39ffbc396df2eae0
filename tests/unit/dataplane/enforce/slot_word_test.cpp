#include <gtest/gtest.h>

#include <random>
#include <string>

#include "dataplane/enforce/device_slots.h"

namespace wardline::enforce {
namespace {

TEST(SlotWord, OfZeroMemoryIsAnUnidentifiedDeviceWithoutAFormerClass) {
  EXPECT_EQ(SlotWord::unpack(0), SlotWord{});
  EXPECT_EQ(SlotWord{}.pack(), 0u);
}

TEST(SlotWord, KeepsItsEpochInTheLowHalf) {
  SlotWord word;
  word.epoch = 0xdeadbeef;
  EXPECT_EQ(static_cast<std::uint32_t>(word.pack()), 0xdeadbeef);
}

TEST(SlotWord, HasItsFieldsWhereTheMasksSay) {
  const SlotWord none{.former_class = 0};
  EXPECT_EQ(none.fields(), 0u);
  SlotWord word = none;
  word.device_class = 0xfff;
  EXPECT_EQ(word.fields(), SlotWord::kClass);
  word = none;
  word.quarantine = Profile::kCutOff;
  EXPECT_EQ(word.fields(), SlotWord::kQuarantine);
  word = none;
  word.armed = Profile::kCutOff;
  word.epoch = ~0u;
  EXPECT_EQ(word.fields(), SlotWord::kArmed);
}

TEST(SlotWord, ComesBackAsItWasPacked) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 10000; ++i) {
    SlotWord word;
    word.device_class = static_cast<ClassId>(random() & 0xfff);
    word.former_class = static_cast<ClassId>(random() & 0xfff);
    word.mode = static_cast<Mode>(random() % 3);
    word.quarantine = static_cast<Profile>(random() % 4);
    word.armed = static_cast<Profile>(random() % 4);
    word.inherited = static_cast<Criticality>(random() % 4);
    word.epoch = static_cast<std::uint32_t>(random());
    ASSERT_EQ(SlotWord::unpack(word.pack()), word);
  }
}

}  // namespace
}  // namespace wardline::enforce
