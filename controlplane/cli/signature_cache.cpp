#include "controlplane/cli/signature_cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace wardline::cli {
namespace {

// Both must be absolute: the XDG Base Directory Specification has other values ignored.
std::string absolute(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && value[0] == '/' ? value : "";
}

bool ours_alone(const std::string& folder) {
  struct stat info {};
  return ::lstat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == ::geteuid() &&
         (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

}  // namespace

std::string signature_cache() {
  std::string base = absolute("XDG_CACHE_HOME");
  if (base.empty()) {
    base = absolute("HOME");
    if (base.empty() || !ours_alone(base)) return {};
    base += "/.cache";
  }
  const std::string folder = base + "/wardline/signatures";
  std::error_code fault;
  if (std::filesystem::create_directories(folder, fault))
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, fault);
  return !fault && ours_alone(folder) ? folder : std::string();
}

}  // namespace wardline::cli
