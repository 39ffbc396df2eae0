#pragma once
#include <sched.h>

#include <span>

namespace wardline {

// Moves the calling thread to the cores that no worker is pinned to, and with it all threads that it starts: signatures
// are compiled by as many threads as there are cores left. Where none is left it stays, and shares them.
inline void leave_packet_cores(std::span<const unsigned> packet_cores) {
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return;
  for (const unsigned core : packet_cores)
    if (core < CPU_SETSIZE) CPU_CLR(core, &cores);
  if (CPU_COUNT(&cores) != 0) sched_setaffinity(0, sizeof cores, &cores);
}

}  // namespace wardline
