#include "controlplane/daemon/memory_there.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <map>
#include <optional>

namespace wardline::daemon {
namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// A file that holds one number; nothing for "max" and where there is no such file.
std::optional<std::uint64_t> number_in(const fs::path& path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  return file >> number ? std::optional(number) : std::nullopt;
}

// Lines of a name, a number and perhaps a unit, as in /proc/meminfo and memory.stat.
std::map<std::string, std::uint64_t> table_in(const fs::path& path) {
  std::ifstream file(path);
  std::map<std::string, std::uint64_t> table;
  std::string name, rest;
  std::uint64_t number = 0;
  while (file >> name >> number && std::getline(file, rest)) table[name] = number;
  return table;
}

// What a control group leaves; its page cache gives way.
std::optional<std::uint64_t> left_by(const fs::path& group, const char* limit_file, const char* usage_file) {
  const auto limit = number_in(group / limit_file), used = number_in(group / usage_file);
  if (!limit || !used) return std::nullopt;
  auto stat = table_in(group / "memory.stat");
  const auto cache = std::min(*used, stat.contains("file") ? stat["file"] : stat["total_cache"]);
  return *limit - std::min(*limit, *used - cache);
}

// Every group from the process's own up to the root may limit it.
void limit_by_groups(MemoryThere& there, const fs::path& base, std::string path, const char* limit_file,
                     const char* usage_file) {
  while (!path.empty() && path != "/") {
    const auto left = left_by(base / path.substr(1), limit_file, usage_file);
    if (left && *left < there.ram) {
      there.ram = *left;
      there.limited_by = "the control group " + path;
    }
    path = fs::path(path).parent_path();
  }
}

}  // namespace

MemoryThere memory_there(const fs::path& root) {
  MemoryThere there;
  auto machine = table_in(root / "proc/meminfo");
  there.ram =
      machine.contains("MemAvailable:") ? machine["MemAvailable:"] << 10 : std::numeric_limits<std::uint64_t>::max();
  there.limited_by = "the machine";
  there.huge = machine["HugePages_Free:"] * (machine["Hugepagesize:"] << 10);
  const auto mode = first_line(root / "sys/kernel/mm/transparent_hugepage/enabled");
  there.transparent_huge_pages = !mode.empty() && !mode.contains("[never]");

  // Lines "0::/path" of version 2, "4:memory:/path" of version 1.
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const auto path = line.substr(std::min(line.size(), line.find('/')));
    if (line.starts_with("0::"))
      limit_by_groups(there, root / "sys/fs/cgroup", path, "memory.max", "memory.current");
    else if (line.contains(":memory:"))
      limit_by_groups(there, root / "sys/fs/cgroup/memory", path, "memory.limit_in_bytes", "memory.usage_in_bytes");
  }
  return there;
}

}  // namespace wardline::daemon
