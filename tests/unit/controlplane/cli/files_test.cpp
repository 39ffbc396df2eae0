#include "controlplane/cli/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace wardline::cli {
namespace {

namespace fs = std::filesystem;

// An empty folder with one file in it.
class OneFile : public testing::Test {
 protected:
  OneFile() {
    std::string pattern = testing::TempDir() + "filesXXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    path_ = folder_ / "devices.yaml";
    std::ofstream(path_) << "before\n";
  }
  ~OneFile() override { fs::remove_all(folder_); }

  struct stat state() const {
    struct stat found{};
    EXPECT_EQ(::stat(path_.c_str(), &found), 0);
    return found;
  }
  std::ptrdiff_t count() const { return std::distance(fs::directory_iterator(folder_), fs::directory_iterator()); }

  fs::path folder_, path_;
};

TEST_F(OneFile, OwnerGroupAndPermissionsStay) {
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(path_.c_str(), 12'345, 23'456), 0);
  }
  ASSERT_EQ(::chmod(path_.c_str(), 0640), 0);
  const auto before = state();
  const auto done = write_file(path_, "after\n", "before\n");
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(read_file(path_).value_or(""), "after\n");
  EXPECT_EQ(state().st_uid, before.st_uid);
  EXPECT_EQ(state().st_gid, before.st_gid);
  EXPECT_EQ(state().st_mode & 07777, 0640u);
  EXPECT_NE(state().st_ino, before.st_ino) << "who reads meanwhile keeps the former file";
  EXPECT_EQ(count(), 1);
}

TEST_F(OneFile, WhatChangedMeanwhileStays) {
  const auto done = write_file(path_, "after\n", "something else\n");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "file.changed");
  EXPECT_EQ(read_file(path_).value_or(""), "before\n");
  EXPECT_EQ(count(), 1) << "and nothing is left beside it";
}

TEST_F(OneFile, BehindALinkTheFileIsWritten) {
  const auto link = folder_ / "link.yaml";
  fs::create_symlink("devices.yaml", link);
  ASSERT_TRUE(write_file(link, "after\n"));
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(read_file(path_).value_or(""), "after\n");
}

TEST_F(OneFile, ANewFileHasThePermissionsOfAnyOther) {
  const auto mask = ::umask(027);
  const auto fresh = folder_ / "fresh.yaml";
  const auto done = write_file(fresh, "new\n");
  ::umask(mask);
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(fs::status(fresh).permissions(), static_cast<fs::perms>(0640));
}

TEST_F(OneFile, AFolderThatIsMissingIsTold) {
  const auto done = write_file(folder_ / "nowhere/devices.yaml", "x\n");
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().text(), testing::HasSubstr("No such file or directory"));
}

TEST_F(OneFile, AFileThatIsThereIsNoNewOne) {
  EXPECT_EQ(expect_absent(path_).error().code, "file.there");
  EXPECT_TRUE(expect_absent(folder_ / "fresh.yaml"));
  EXPECT_TRUE(expect_absent(""));
}

}  // namespace
}  // namespace wardline::cli
