#include "controlplane/replay/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wardline::replay {
namespace {

using testing::HasSubstr;

std::expected<std::vector<Bundle>, Errors> read(const std::vector<std::string>& options) {
  return bundles_of(options);
}

TEST(BundleOption, NamesTheCaptureOfEachLeg) {
  const auto both = read({"east:d.pcap,c.pcap", "west:d.pcap", "north:,c.pcap", "south"});
  ASSERT_TRUE(both);
  ASSERT_EQ(both->size(), 4U);
  EXPECT_EQ((*both)[0].name, "east");
  EXPECT_EQ((*both)[0].device_leg, "d.pcap");
  EXPECT_EQ((*both)[0].core_leg, "c.pcap");
  EXPECT_EQ((*both)[1].core_leg, "");
  EXPECT_EQ((*both)[2].device_leg, "");
  EXPECT_EQ((*both)[2].core_leg, "c.pcap");
  EXPECT_EQ((*both)[3].name, "south");
  EXPECT_EQ((*both)[3].device_leg, "");
}

TEST(BundleOption, IsRefusedWithAllThatIsWrong) {
  const auto bad = read({"east:d.pcap", ":d.pcap", "east:e.pcap", "west:a,b,c"});
  ASSERT_FALSE(bad);
  ASSERT_EQ(bad.error().size(), 3U);
  EXPECT_THAT(bad.error()[0].text(), HasSubstr("':d.pcap'"));
  EXPECT_THAT(bad.error()[1].text(), HasSubstr("each name once"));
  EXPECT_THAT(bad.error()[2].text(), HasSubstr("west:a,b,c"));
}

TEST(BundleOption, OfMoreThanThereIsMemoryForIsRefused) {
  std::vector<std::string> many;
  for (char name = 'a'; name <= 'h'; ++name) many.push_back({name});
  EXPECT_TRUE(read(many));
  many.push_back("i");
  EXPECT_FALSE(read(many));
}

}  // namespace
}  // namespace wardline::replay
