#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "dataplane/enforce/device_slots.h"

namespace wardline::enforce {
namespace {

constexpr std::uint32_t kCapacity = 4096;

SlotIdentity numbered(std::uint32_t number) {
  SlotIdentity identity;
  const auto name = "dev-" + std::to_string(number);
  std::memcpy(identity.device_id, name.data(), name.size());
  identity.device_key = name_hash(name);
  identity.segment = static_cast<SegmentId>(1 + number % 7);
  identity.mac.bytes = {2, 0, 0, 0, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
  identity.address = Address::v4(0x0a000000 + number);
  return identity;
}

class SlotRestart : public testing::Test {
 protected:
  SlotRestart() : path(std::filesystem::temp_directory_path() / ("wardline-slots-" + std::to_string(::getpid()))) {
    std::filesystem::remove(path);
  }
  ~SlotRestart() override { std::filesystem::remove(path); }
  Result<std::unique_ptr<DeviceSlots>> open(std::uint32_t capacity = kCapacity) {
    return DeviceSlots::open(path, capacity);
  }
  std::filesystem::path path;
};

TEST_F(SlotRestart, KeepsWordsIdentitiesAndNumbers) {
  SlotWord word;
  SlotId slot;
  ClassId pump;
  {
    auto slots = std::move(open().value());
    pump = slots->class_number("infusion-pump");
    slot = slots->allocate(numbered(5));
    slots->update(slot, [&](SlotWord& w) {
      w.device_class = pump;
      w.mode = Mode::kMonitor;
      w.quarantine = Profile::kContain;
      w.armed = Profile::kIsolate;
      return true;
    });
    slots->update(3, [](SlotWord& w) { return w.mode = Mode::kMonitor, true; });
    word = slots->word(slot);
  }
  auto slots = std::move(open().value());
  EXPECT_EQ(slots->find_mac(numbered(5).segment, numbered(5).mac), slot);
  EXPECT_EQ(slots->find_peer(numbered(5).address), slot);
  EXPECT_EQ(slots->word(slot), word);
  EXPECT_EQ(slots->word(3).mode, Mode::kMonitor) << "pseudo-slots too";
  EXPECT_STREQ(slots->identity(slot).device_id, "dev-5");
  EXPECT_EQ(slots->class_number("infusion-pump"), pump);
  EXPECT_EQ(slots->used(), 1u);
  EXPECT_NE(slots->allocate(numbered(6)), slot);
}

// The child allocates, quarantines and releases until it is killed; whatever it had reached, the next process finds
// every slot whole.
TEST_F(SlotRestart, FindsNoHalfWrittenSlotAfterKill9) {
  for (int round = 0; round < 20; ++round) {
    const auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto slots = open();
      if (!slots) ::_exit(1);
      for (std::uint32_t n = 0;; n = (n + 1) % 6000) {
        const auto slot = (*slots)->allocate(numbered(n));
        if (slot == kNoSlot) {
          (*slots)->release((*slots)->real_slots()[n % kCapacity]);
          continue;
        }
        (*slots)->update(slot, [n](SlotWord& w) {
          w.device_class = static_cast<ClassId>(n % 4000);
          w.quarantine = Profile::kContain;
          return true;
        });
      }
    }
    ::usleep(3000 + 1500 * static_cast<unsigned>(round));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child could not open the slots";

    auto opened = open();
    ASSERT_TRUE(opened) << opened.error().text();
    const auto& slots = **opened;
    std::uint32_t without_class = 0;
    for (const auto slot : slots.real_slots()) {
      const auto& identity = slots.identity(slot);
      const auto number = static_cast<std::uint32_t>(std::stoul(identity.device_id + 4));
      auto expected = numbered(number);
      ASSERT_EQ(identity.device_key, expected.device_key);
      ASSERT_EQ(identity.segment, expected.segment);
      ASSERT_EQ(identity.mac, expected.mac);
      ASSERT_EQ(identity.address, expected.address);
      ASSERT_EQ(slots.find_mac(expected.segment, expected.mac), slot);
      const auto word = slots.word(slot);
      if (word.quarantine == Profile::kNone)
        ++without_class;
      else
        ASSERT_EQ(word.device_class, number % 4000) << "a word of another device";
    }
    EXPECT_LE(without_class, static_cast<std::uint32_t>(round + 1)) << "each kill may hit one before its word is set";
  }
}

TEST_F(SlotRestart, RefusesAnotherCapacityAndSaysToRemoveTheFile) {
  open(64).value().reset();
  const auto other = open(65);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, "slots.layout");
  EXPECT_NE(other.error().what.find("remove the file"), std::string::npos);
  EXPECT_EQ(other.error().where, path.string());
}

TEST_F(SlotRestart, RefusesAnotherLayout) {
  open(64).value().reset();
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(8);
    file.put(99);
  }
  const auto other = open(64);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, "slots.layout");
}

TEST_F(SlotRestart, RefusesAFileThatIsNotOurs) {
  std::ofstream(path) << "something else";
  const auto other = open(64);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, "slots.layout");
}

TEST_F(SlotRestart, RefusesAFileThatAnotherProcessHolds) {
  const auto first = open(64);
  ASSERT_TRUE(first);
  const auto second = open(64);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "slots.in-use");
}

TEST_F(SlotRestart, RefusesAPathThatDoesNotExistInWords) {
  const auto slots = DeviceSlots::open((path / "nowhere").string(), 64);
  ASSERT_FALSE(slots);
  EXPECT_EQ(slots.error().code, "slots.open");
}

}  // namespace
}  // namespace wardline::enforce
