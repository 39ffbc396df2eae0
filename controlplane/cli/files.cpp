#include "controlplane/cli/files.h"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace wardline::cli {

namespace fs = std::filesystem;

Result<std::string> read_file(const std::string& path) {
  std::error_code fault;
  std::ifstream file(path, std::ios::binary);
  if (!file || fs::is_directory(path, fault)) return fail("file.unreadable", path, "expected a file that can be read");
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

Result<void> write_file(const std::string& path, std::string_view text, std::optional<std::string_view> former) {
  std::error_code fault;
  const bool there = fs::exists(path, fault);
  const auto target = there ? fs::canonical(path, fault).string() : path;  // behind a link the file, not the link
  const auto beside = target + ".new";
  std::ofstream file(beside, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) {
    fs::remove(beside, fault);
    return fail("file.unwritable", beside, "cannot be written");
  }
  if (there) fs::permissions(beside, fs::status(target, fault).permissions(), fault);
  const auto now = there && former ? read_file(target) : Result<std::string>(std::string());
  if (there && former && now.value_or("") != *former) {
    fs::remove(beside, fault);
    return fail("file.changed", path, "was changed by somebody else meanwhile; try again");
  }
  fs::rename(beside, target, fault);
  if (fault) return fail("file.unwritable", path, "cannot be written: " + fault.message());
  return {};
}

}  // namespace wardline::cli
