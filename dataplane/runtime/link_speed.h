#pragma once
#include <cstdint>

namespace wardline::runtime {

// What a link was negotiated to. Fits into one atomic: the link watch writes it, others read it.
struct LinkSpeed {
  std::uint32_t megabits = 0;  // a second; 0: not known, or no link
  bool full_duplex = false;

  bool operator==(const LinkSpeed&) const = default;
};

}  // namespace wardline::runtime
