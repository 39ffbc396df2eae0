#pragma once
#include <cstdint>
#include <string_view>

namespace wardline {

// One of the things that a worker has fixed room for. `bytes` is what all of it costs when it is used up; the kernel
// gives most of it at the first touch.
struct MemoryTerm {
  std::string_view name;  // as in wardlined.yaml where a key of it sets the count
  std::uint64_t count = 0, bytes = 0;
  std::uint64_t each() const { return count == 0 ? 0 : bytes / count; }
};

}  // namespace wardline
