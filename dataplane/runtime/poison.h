#pragma once
#include <rte_mbuf.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace wardline::runtime {

// DPDK's memory is one large block to AddressSanitizer, so a read behind a frame would go unseen. In sanitizer builds
// everything of a buffer but the frame is forbidden while the frame is judged; elsewhere this is nothing.
inline void forbid_around(const rte_mbuf* buffer) {
#if defined(__SANITIZE_ADDRESS__)
  const auto* begin = static_cast<const char*>(buffer->buf_addr);
  const auto* frame = rte_pktmbuf_mtod(buffer, const char*);
  const auto* end = frame + rte_pktmbuf_data_len(buffer);
  ASAN_POISON_MEMORY_REGION(begin, static_cast<std::size_t>(frame - begin));
  ASAN_POISON_MEMORY_REGION(end, static_cast<std::size_t>(begin + buffer->buf_len - end));
#else
  (void)buffer;
#endif
}

inline void allow_around(const rte_mbuf* buffer) {
#if defined(__SANITIZE_ADDRESS__)
  ASAN_UNPOISON_MEMORY_REGION(buffer->buf_addr, buffer->buf_len);
#else
  (void)buffer;
#endif
}

}  // namespace wardline::runtime
