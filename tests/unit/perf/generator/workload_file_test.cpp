// What make_workload writes, read and replayed by the driver's own code.
#include "perf/generator/workload_file.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "tests/unit/perf/generator/source.h"

namespace wardline::perf {
namespace {

using testing::HasSubstr;

class MadeFile : public testing::Test {
 protected:
  ~MadeFile() override { std::filesystem::remove(path_); }

  void make(const std::string& words) {
    const std::string command =
        std::string(WARDLINE_SOURCE_ROOT) + "/perf/generator/make_workload " + words + " " + path_ + " >/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }

  std::string fault() const {
    const auto file = WorkloadFile::open(path_);
    return file ? "none" : file.error();
  }

  void overwrite(std::streamoff at, std::uint64_t value) const {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file.write(reinterpret_cast<const char*>(&value), sizeof value);
  }

  const std::string path_ =
      (std::filesystem::temp_directory_path() / ("workload-" + std::to_string(getpid()))).string();
};

using Connection = std::tuple<std::array<std::uint8_t, 16>, std::array<std::uint8_t, 16>, std::uint16_t, std::uint16_t>;

// Every connection of some frames: bytes of payload each way, and whether it began and ended.
struct Story {
  std::array<std::size_t, 2> payload{};
  std::array<std::uint32_t, 2> next{};
  int syns = 0, fins = 0;
};

std::map<Connection, Story> follow(const std::vector<Source::Sent>& frames) {
  std::map<Connection, Story> stories;
  for (const auto& frame : frames) {
    const auto view = frame.view();
    const bool out = frame.from == Leg::kDevice;
    auto& story = stories[out ? Connection{view.source.bytes, view.target.bytes, view.source_port, view.target_port}
                              : Connection{view.target.bytes, view.source.bytes, view.target_port, view.source_port}];
    const bool syn = (view.tcp_flags & packet::kSyn) != 0, fin = (view.tcp_flags & packet::kFin) != 0;
    auto& next = story.next[out];
    EXPECT_TRUE(has_right_checksums(frame));
    if (!syn) {
      EXPECT_EQ(view.sequence, next);
    }
    next = view.sequence + static_cast<std::uint32_t>(view.payload.size()) + syn + fin;
    story.payload[out] += view.payload.size();
    story.syns += syn;
    story.fins += fin;
  }
  return stories;
}

TEST_F(MadeFile, HoldsWholeConnections) {
  make("tcp --sessions 40 --devices 8 --open 10");
  Source source(path_);
  const auto first = source.take(40 * 9);
  const auto stories = follow(first);
  EXPECT_EQ(stories.size(), 40U);
  for (const auto& [connection, story] : stories) {
    EXPECT_EQ(story.payload, (std::array<std::size_t, 2>{1024, 1024}));
    EXPECT_EQ(story.syns, 2);
    EXPECT_EQ(story.fins, 2);
  }
  EXPECT_EQ(source->sessions(), 40U);
}

TEST_F(MadeFile, IsFreshInEveryPass) {
  make("tcp --sessions 40 --devices 8 --open 10");
  Source source(path_);
  std::set<Connection> seen;
  for (unsigned pass = 1; pass <= 5; ++pass) {
    for (const auto& [connection, story] : follow(source.take(40 * 9))) EXPECT_TRUE(seen.insert(connection).second);
    EXPECT_EQ(source->passes(), pass);
  }
  EXPECT_EQ(seen.size(), 200U);
}

TEST_F(MadeFile, BringsFullBursts) {
  make("hospital --sessions 300 --devices 50 --open 200");
  Source source(path_);
  std::size_t frames = 0, bursts = 0;
  for (int turn = 0; turn < 50; ++turn)
    for (const Leg leg : {Leg::kDevice, Leg::kCore}) {
      frames += source.burst(leg).size();
      ++bursts;
    }
  EXPECT_GE(frames, bursts * 24);
}

TEST_F(MadeFile, OfAMixHasRightChecksumsInLaterPassesToo) {
  make("hospital --sessions 30 --devices 3 --open 20");
  const auto file = WorkloadFile::open(path_);
  ASSERT_TRUE(file);
  Source source(path_);
  for (const auto& frame : source.take(3 * (*file)->header().frames)) {
    ASSERT_TRUE(has_right_checksums(frame));
    ASSERT_TRUE(source->is_unharmed(other(frame.from), frame.bytes, frame.item));
  }
}

TEST_F(MadeFile, IsSharedAmongQueuesByDevice) {
  make("tcp --sessions 40 --devices 8 --open 10");
  std::size_t frames = 0;
  for (std::uint32_t queue = 0; queue < 2; ++queue) {
    Source source(path_, RunOrder::kMeasured, {queue, 2});
    for (const auto& frame : source.take(20 * 9)) {
      const auto device = frame.from == Leg::kDevice ? frame.view().source : frame.view().target;
      EXPECT_EQ(device.bytes[15] % 2, queue);
      ++frames;
    }
    EXPECT_EQ(source->passes(), 1U);
  }
  EXPECT_EQ(frames, 40U * 9);
}

TEST_F(MadeFile, IsTheSameForTheSameSeed) {
  make("hospital --sessions 20 --seed 5");
  const auto read = [&] {
    std::ifstream file(path_, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const auto first = read();
  make("hospital --sessions 20 --seed 5");
  EXPECT_EQ(read(), first);
  make("hospital --sessions 20 --seed 6");
  EXPECT_NE(read(), first);
}

TEST_F(MadeFile, IsRefusedWhenItIsBroken) {
  make("tcp --sessions 4");
  EXPECT_EQ(fault(), "none");
  constexpr std::streamoff kVersionAt = 8, kFramesAt = 24, kFirstOffsetAt = sizeof(FileHeader);
  overwrite(kFirstOffsetAt, 1 << 30);
  EXPECT_THAT(fault(), HasSubstr("does not lie within it"));
  overwrite(kFramesAt, ~std::uint64_t{0});
  EXPECT_THAT(fault(), HasSubstr("ends among their entries"));
  overwrite(kVersionAt, 9);
  EXPECT_THAT(fault(), HasSubstr("has version 9, and 1 is wanted"));
  overwrite(0, 0);
  EXPECT_THAT(fault(), HasSubstr("is no workload file"));
  std::filesystem::resize_file(path_, 20);
  EXPECT_THAT(fault(), HasSubstr("too short"));
}

}  // namespace
}  // namespace wardline::perf
