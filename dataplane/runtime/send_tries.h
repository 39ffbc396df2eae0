#pragma once
#include <rte_pause.h>

#include <cstddef>

namespace wardline::runtime {

// A virtual port, or a worker's queue, that is full for this many tries is full for this burst; a card empties a place
// in far less.
inline constexpr int kSendTries = 64;

// How many of `count` were taken. `take(from)` offers those from number `from` on, and says how many went.
template <typename Take>
std::size_t in_tries(std::size_t count, Take take) {
  std::size_t taken = 0;
  for (int tries = 0; taken < count && tries < kSendTries; ++tries) {
    if (tries > 0) rte_pause();
    taken += take(taken);
  }
  return taken;
}

}  // namespace wardline::runtime
