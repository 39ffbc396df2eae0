#include "dataplane/classify/database_cache.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "dataplane/classify/layout.h"

namespace wardline::classify {
namespace {

namespace fs = std::filesystem;

class DatabaseCacheTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "wardline-cache-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  static Pattern pattern() {
    Pattern made;
    made.expression = "^[Q-U]S[A-K]-+";  // neither its first bytes decide it alone nor has it a literal
    made.search = Search::kAnchored;
    return made;
  }
  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder_)) found.push_back(entry.path());
    return found;
  }
  bool compile_and_match(const Pattern& one) const {
    auto set = DatabaseSet::compile(std::span(&one, 1), {SignatureTraits{.app = 1}}, folder_);
    if (!set || !(*set)->prepare_workers(1)) return false;
    const std::string_view text = "SSH-2.0";
    return (*set)->scan({.bytes = std::as_bytes(std::span(text))}, 0).app == 1;
  }
  bool in_cache(const Pattern& one) const {
    const SignatureTraits traits{.app = 1};
    const auto layout = lay_out(std::span(&one, 1), std::span(&traits, 1));
    return DatabaseCache(folder_).load(layout.contents.at(0)) != nullptr;
  }

  std::string folder_;
};

TEST_F(DatabaseCacheTest, KeepsWhatWasCompiledUnderOneNameForAllEqualDatabases) {
  EXPECT_FALSE(in_cache(pattern()));
  EXPECT_TRUE(compile_and_match(pattern()));
  EXPECT_EQ(files().size(), 1U) << "four equal databases, one file, no temporary one left";
  EXPECT_TRUE(in_cache(pattern()));
  EXPECT_TRUE(compile_and_match(pattern()));
}

TEST_F(DatabaseCacheTest, AllThatDecidesWhatMatchesIsPartOfTheName) {
  ASSERT_TRUE(compile_and_match(pattern()));
  const auto changed = [](auto change) {
    auto other = pattern();
    change(other);
    return other;
  };
  EXPECT_FALSE(in_cache(changed([](Pattern& p) { p.expression += "x"; })));
  EXPECT_FALSE(in_cache(changed([](Pattern& p) { p.caseless = true; })));
  EXPECT_FALSE(in_cache(changed([](Pattern& p) { p.min_offset = 1; })));
  EXPECT_FALSE(in_cache(changed([](Pattern& p) { p.max_offset = 9; })));
  EXPECT_FALSE(in_cache(changed([](Pattern& p) { p.min_length = 1; })));
}

TEST_F(DatabaseCacheTest, ADamagedOrEmptyFileIsAMissAndIsReplaced) {
  ASSERT_TRUE(compile_and_match(pattern()));
  const auto path = files().at(0);
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);
    file.put('\x5a').put('\x5a').put('\x5a');
  }
  EXPECT_FALSE(in_cache(pattern()));
  EXPECT_TRUE(compile_and_match(pattern()));
  EXPECT_TRUE(in_cache(pattern()));
  fs::resize_file(path, 0);
  EXPECT_FALSE(in_cache(pattern()));
  EXPECT_TRUE(compile_and_match(pattern()));
}

TEST_F(DatabaseCacheTest, WhatNobodyUsedForAMonthIsRemovedAndWhatIsUsedStays) {
  auto other = pattern();
  other.expression += "x";
  ASSERT_TRUE(compile_and_match(pattern()));
  const auto old = fs::file_time_type::clock::now() - std::chrono::days(40);
  fs::last_write_time(files().at(0), old);
  EXPECT_TRUE(compile_and_match(pattern()));
  EXPECT_TRUE(in_cache(pattern())) << "it was old, and used";
  fs::last_write_time(files().at(0), old);
  std::ofstream(folder_ + "/note") << "not ours";
  fs::last_write_time(folder_ + "/note", old);
  ASSERT_TRUE(DatabaseSet::compile(std::span(&other, 1), {SignatureTraits{.app = 1}}, folder_));
  EXPECT_FALSE(in_cache(pattern()));
  EXPECT_TRUE(in_cache(other));
  EXPECT_TRUE(fs::exists(folder_ + "/note"));
}

TEST_F(DatabaseCacheTest, AFolderThatCannotBeMadeOrWrittenIsNotFatal) {
  std::ofstream(folder_ + "/file") << "not a folder";
  const auto one = pattern();
  EXPECT_TRUE(DatabaseSet::compile(std::span(&one, 1), {SignatureTraits{.app = 1}}, folder_ + "/file/below"));
  EXPECT_TRUE(DatabaseSet::compile(std::span(&one, 1), {SignatureTraits{.app = 1}}, "/proc/none"));
}

TEST_F(DatabaseCacheTest, AFolderThatIsMadeIsItsOwnersAlone) {
  const auto one = pattern();
  ASSERT_TRUE(DatabaseSet::compile(std::span(&one, 1), {SignatureTraits{.app = 1}}, folder_ + "/new/deep"));
  EXPECT_EQ(fs::status(folder_ + "/new/deep").permissions(), fs::perms::owner_all);
}

}  // namespace
}  // namespace wardline::classify
