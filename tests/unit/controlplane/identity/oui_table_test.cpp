#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "controlplane/identity/identity.h"
#include "controlplane/inventory/address_text.h"

namespace wardline::identity {
namespace {

class OuiTableTest : public testing::Test {
 protected:
  OuiTableTest() {
    std::string name = (std::filesystem::temp_directory_path() / "wardline-oui-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    write("oui.csv",
          "Registry,Assignment,Organization Name,Organization Address\n"
          "MA-L,0003B1,\"ICU Medical, Inc. \",\"951 Calle Amanecer\nSan Clemente\"\n"
          "MA-L,70B3D5,IEEE Registration Authority,445 Hoes Lane\r\n"
          "MA-L,0009FB,\"The \"\"Monitor\"\" Maker\",x\n"
          "MA-L,NOTHEX,Nobody,\n"
          "MA-L,12");
    write("mam.csv", "Registry,Assignment,Organization Name,Organization Address\nMA-M,70B3D51,Middle,\n");
    write("oui36.csv", "Registry,Assignment,Organization Name,Organization Address\nMA-S,70B3D5123,Small,\n");
  }
  ~OuiTableTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }

  std::string vendor(std::string_view mac) {
    const auto table = OuiTable::load(folder_.string());
    return table ? table->vendor(*inventory::parse_mac(mac)) : table.error().text();
  }

  std::filesystem::path folder_;
};

TEST_F(OuiTableTest, HasTheDateOfItsFile) {
  const std::chrono::sys_seconds date = std::chrono::sys_days(std::chrono::year(2026) / 10 / 2);
  std::filesystem::last_write_time(folder_ / "oui.csv", std::chrono::file_clock::from_sys(date));
  EXPECT_EQ(OuiTable::load(folder_.string())->date(), date);
}

TEST_F(OuiTableTest, KeepsTheNameAsPublishedButTrimmed) {
  EXPECT_EQ(vendor("00:03:b1:11:22:33"), "ICU Medical, Inc.");
  EXPECT_EQ(vendor("00:09:fb:11:22:33"), "The \"Monitor\" Maker");
}

TEST_F(OuiTableTest, TheLongestPrefixWins) {
  EXPECT_EQ(vendor("70:b3:d5:12:34:56"), "Small");
  EXPECT_EQ(vendor("70:b3:d5:1f:34:56"), "Middle");
  EXPECT_EQ(vendor("70:b3:d5:ff:34:56"), "") << "the authority that hands out the range makes no devices";
}

TEST_F(OuiTableTest, LocallyAdministeredAddressesHaveNoVendor) {
  EXPECT_EQ(vendor("02:03:b1:11:22:33"), "");
  EXPECT_EQ(vendor("01:03:b1:11:22:33"), "");
}

TEST_F(OuiTableTest, AnAbsentListIsAnErrorThatNamesThePackage) {
  std::filesystem::remove(folder_ / "oui.csv");
  EXPECT_NE(vendor("00:03:b1:11:22:33").find("ieee-data"), std::string::npos);
}

TEST(OuiTableOfDebian, KnowsTheMakersOfTheCaptures) {
  const auto table = OuiTable::load();
  if (!table) GTEST_SKIP() << table.error().text();
  EXPECT_GT(table->size(), 30'000U);
  EXPECT_TRUE(table->vendor(*inventory::parse_mac("44:4b:5d:01:02:03")).starts_with("GE Healthcare"));
  EXPECT_TRUE(table->vendor(*inventory::parse_mac("00:03:b1:b5:b6:48")).starts_with("ICU Medical"));
}

}  // namespace
}  // namespace wardline::identity
