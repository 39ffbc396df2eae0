// The reader on every test capture.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controlplane/replay/capture_reader.h"
#include "tests/unit/captures.h"

namespace wardline::replay {
namespace {

TEST(Captures, EveryFileHasAsManyFramesAsAnotherReaderCounted) {
  const auto facts = test::capture_facts();
  if (facts.empty()) GTEST_SKIP() << test::kNoCaptures;
  int compared = 0, cut = 0;
  for (const std::string& line : facts) {
    const auto fact = nlohmann::json::parse(line);
    auto reader = CaptureReader::open(test::captures() / fact["file"].get<std::string>());
    if (!reader) {
      EXPECT_EQ(reader.error().code, "replay.link-type") << reader.error().text();
      continue;
    }
    while (reader->next()) continue;
    const auto packets = fact["packets"].get<std::uint64_t>();
    if (reader->warning().empty()) {
      EXPECT_EQ(reader->frames(), packets) << fact["file"];
    }
    EXPECT_LE(reader->frames(), packets) << fact["file"];
    cut += reader->warning().empty() ? 0 : 1;
    ++compared;
  }
  EXPECT_GT(compared, 300);
  EXPECT_LE(cut, 5) << "captures whose rest could not be read";
}

TEST(Captures, OnlyPppCannotBeUsed) {
  const auto files = test::captures_in("");
  if (files.empty()) GTEST_SKIP() << test::kNoCaptures;
  int refused = 0;
  for (const auto& file : files) {
    const auto reader = CaptureReader::open(file);
    if (reader) continue;
    ++refused;
    EXPECT_NE(reader.error().what.find("PPP"), std::string::npos) << reader.error().text();
  }
  EXPECT_EQ(refused, 2);
}

}  // namespace
}  // namespace wardline::replay
