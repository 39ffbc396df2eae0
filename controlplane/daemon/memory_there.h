#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace wardline::daemon {

// The memory that this process may still take, in bytes.
struct MemoryThere {
  std::uint64_t ram = 0;                // the machine's, or what the process's control groups leave, if that is less
  std::string limited_by{};             // what says so, for people: "the machine" or a control group's name
  std::uint64_t huge = 0;               // in huge pages that are free
  bool transparent_huge_pages = false;  // large tables may have them
};

// Reads /proc and /sys below `root`. What cannot be read does not limit.
MemoryThere memory_there(const std::filesystem::path& root = "/");

}  // namespace wardline::daemon
