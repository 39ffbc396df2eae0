#include "controlplane/daemon/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace wardline::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ConfigFile : public testing::Test {
 protected:
  ~ConfigFile() override { std::filesystem::remove(path_); }

  std::expected<Config, Errors> load(const std::string& lines) {
    std::ofstream(path_) << "policy: /etc/wardline/policy\n"
                            "bundles:\n"
                            "  - pairs: [{device: {vdev: net_null0}, core: {vdev: net_null1}}]\n"
                         << lines;
    return load_config(path_.string());
  }

  const std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("wardlined-" + std::to_string(getpid()) + ".yaml");
};

TEST_F(ConfigFile, NamesFurtherDriversInTheirOrder) {
  const auto config = load("drivers: [/opt/a/librte_net_a.so, /opt/b.so]\n");
  ASSERT_TRUE(config);
  EXPECT_THAT(config->ports.drivers, ElementsAre("/opt/a/librte_net_a.so", "/opt/b.so"));
}

TEST_F(ConfigFile, HasNoFurtherDriversUnlessNamed) {
  const auto config = load("");
  ASSERT_TRUE(config);
  EXPECT_TRUE(config->ports.drivers.empty());
}

TEST_F(ConfigFile, SilenceOfTheRegisterIsAFindingOnlyWhereItIsAskedFor) {
  EXPECT_EQ(load("")->register_silent, std::chrono::seconds(0));
  EXPECT_EQ(load("register_silent: 30d\n")->register_silent, std::chrono::days(30));
  const auto config = load("register_silent: 30m\n");
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().front().text(), HasSubstr("1d to 366d"));
}

TEST_F(ConfigFile, SaysHowMuchTheInventoryKeeps) {
  EXPECT_EQ(load("")->inventory.retention, std::chrono::days(400));
  const auto config = load("inventory: {retention: 90d, conversations: 5000000, records: 50000}\n");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->inventory.retention, std::chrono::days(90));
  EXPECT_EQ(config->inventory.conversations, 5'000'000U);
  EXPECT_EQ(config->inventory.records_per_type, 50'000U);
  EXPECT_THAT(load("inventory: {retention: 5h}\n").error().front().text(), HasSubstr("1d to 3660d"));
  EXPECT_THAT(load("inventory: {retentions: 5d}\n").error().front().text(), HasSubstr("did you mean 'retention'?"));
}

// The loader would look for a bare name where the machine's own libraries lie.
TEST_F(ConfigFile, RefusesADriverWithoutItsWholePath) {
  const auto config = load("drivers: [librte_net_a.so]\n");
  ASSERT_FALSE(config);
  ASSERT_EQ(config.error().size(), 1U);
  EXPECT_THAT(config.error().front().text(), HasSubstr("librte_net_a.so"));
  EXPECT_THAT(config.error().front().text(), HasSubstr(":4:"));
}

}  // namespace
}  // namespace wardline::daemon
