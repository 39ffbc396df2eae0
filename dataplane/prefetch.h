#pragma once

namespace wardline {

// The line of memory at this address, which is read or written soon. Beside the built-in functions stands an effect
// that the compiler believes in: GCC 12 takes a function that only prefetches for one without any, and drops calls of
// it.
[[gnu::always_inline]] inline void fetch_line(const void* line) {
  __builtin_prefetch(line);
  asm volatile("");
}
[[gnu::always_inline]] inline void fetch_line_to_write(const void* line) {
  __builtin_prefetch(line, 1);
  asm volatile("");
}

}  // namespace wardline
