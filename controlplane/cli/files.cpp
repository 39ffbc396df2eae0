#include "controlplane/cli/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace wardline::cli {

namespace fs = std::filesystem;

namespace {

Result<void> unwritable(const std::string& path, std::string_view what) {
  return fail("file.unwritable", path, std::string(what) + ": " + std::strerror(errno));
}

// A file beside another that takes its place, or is gone again.
class Beside {
 public:
  explicit Beside(std::string target) : target_(std::move(target)), name_(target_ + ".XXXXXX") {
    descriptor_ = ::mkostemp(name_.data(), O_CLOEXEC);
  }
  ~Beside() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    if (!renamed_) ::unlink(name_.c_str());
  }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

  Result<void> write(std::string_view text) {
    if (descriptor_ < 0) return unwritable(target_, "cannot be written");
    if (auto kept = keep_owner(); !kept) return kept;
    while (!text.empty()) {
      const auto written = ::write(descriptor_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return unwritable(target_, "cannot be written");
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fsync(descriptor_) == 0 ? Result<void>() : unwritable(target_, "cannot be written");
  }

  Result<void> take_place() {
    if (::rename(name_.c_str(), target_.c_str()) != 0) return unwritable(target_, "cannot be written");
    renamed_ = true;
    const auto folder = fs::absolute(target_).parent_path();
    const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = opened >= 0 && ::fsync(opened) == 0;
    if (opened >= 0) ::close(opened);
    return synced ? Result<void>() : unwritable(target_, "is written, but may be lost with the power");
  }

 private:
  Result<void> keep_owner() {
    struct stat former{};
    if (::stat(target_.c_str(), &former) != 0) {
      const auto mask = ::umask(0);
      ::umask(mask);
      former.st_mode = 0666 & ~mask;
    } else if (::fchown(descriptor_, former.st_uid, former.st_gid) != 0) {
      return unwritable(target_, "its owner and group cannot be kept");
    }
    if (::fchmod(descriptor_, former.st_mode & 07777) != 0)
      return unwritable(target_, "its permissions cannot be kept");
    return {};
  }

  std::string target_, name_;
  int descriptor_ = -1;
  bool renamed_ = false;
};

}  // namespace

Result<std::string> read_file(const std::string& path) {
  std::error_code fault;
  std::ifstream file(path, std::ios::binary);
  if (!file || fs::is_directory(path, fault)) return fail("file.unreadable", path, "expected a file that can be read");
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

Result<void> write_file(const std::string& path, std::string_view text, std::optional<std::string_view> former) {
  std::error_code fault;
  const bool there = fs::exists(path, fault);
  Beside beside(there ? fs::canonical(path, fault).string() : path);  // behind a link the file, not the link
  if (auto written = beside.write(text); !written) return written;
  if (there && former && read_file(path).value_or("") != *former)
    return fail("file.changed", path, "was changed by somebody else meanwhile; try again");
  return beside.take_place();
}

Result<void> expect_absent(const std::string& path) {
  std::error_code fault;
  if (!path.empty() && fs::exists(path, fault)) return fail("file.there", path, "is there already; name a new file");
  return {};
}

std::string name_of(const std::string& path) {
  return fs::path(path).filename().string();
}

}  // namespace wardline::cli
