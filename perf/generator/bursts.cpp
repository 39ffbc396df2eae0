#include "perf/generator/bursts.h"

#include <array>
#include <cstring>

extern "C" {
#include <rte_config.h>
#include <rte_cycles.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
}

namespace wardline::perf {
namespace {

constexpr std::uint16_t kMostBurst = 256;
int mark_field = -1;  // offset in an mbuf of its Lane::Mark

Lane::Mark& mark_of(rte_mbuf* buffer) {
  return *RTE_MBUF_DYNFIELD(buffer, mark_field, Lane::Mark*);
}

// Buffers come from the pool as they were freed: one segment, no next. Written as drivers of cards do, in two stores.
void renew(rte_mbuf* buffer, std::uint64_t fresh) {
  buffer->ol_flags = 0;
  std::memcpy(reinterpret_cast<std::byte*>(buffer) + offsetof(rte_mbuf, data_off), &fresh, sizeof fresh);
}

void set_length(rte_mbuf* buffer, std::uint16_t length) {
  struct Fields {  // as they follow each other in an mbuf
    std::uint32_t packet_type, pkt_len;
    std::uint16_t data_len, vlan_tci;
    std::uint32_t hash;
  } fields{0, length, length, 0, 0};
  static_assert(offsetof(rte_mbuf, pkt_len) == offsetof(rte_mbuf, packet_type) + 4 &&
                offsetof(rte_mbuf, hash) == offsetof(rte_mbuf, packet_type) + 12);
  std::memcpy(reinterpret_cast<std::byte*>(buffer) + offsetof(rte_mbuf, packet_type), &fields, sizeof fields);
}

// One whole segment that nobody else holds: it goes back as it is, and its second cache line is not touched.
bool is_plain(const rte_mbuf* buffer) {
  return buffer->nb_segs == 1 && RTE_MBUF_DIRECT(buffer) && rte_mbuf_refcnt_read(buffer) == 1;
}

// Frees buffers by pool; most bursts have one.
void free_all(rte_mbuf** buffers, unsigned count) {
  std::array<void*, kMostBurst> freed;
  unsigned held = 0;
  rte_mempool* pool = nullptr;
  for (unsigned i = 0; i < count; ++i) {
    if (!is_plain(buffers[i])) [[unlikely]] {
      rte_pktmbuf_free(buffers[i]);
      continue;
    }
    if (buffers[i]->pool != pool && held != 0) {
      rte_mempool_put_bulk(pool, freed.data(), held);
      held = 0;
    }
    pool = buffers[i]->pool;
    freed[held++] = buffers[i];
  }
  if (held != 0) rte_mempool_put_bulk(pool, freed.data(), held);
}

void measure(Lane& lane, rte_mbuf** buffers, unsigned count) {
  const std::uint64_t now = rte_rdtsc();
  for (unsigned i = 0; i < count; ++i) lane.measure(mark_of(buffers[i]).due, now);
  lane.finish_measuring();
}

}  // namespace

std::uint16_t rx_burst(void* place, rte_mbuf** buffers, std::uint16_t most) {
  auto& queue = *static_cast<RxQueue*>(place);
  Lane& lane = *queue.lane;
  lane.probe_core();
  const unsigned count = lane.poll(queue.leg, std::min(most, kMostBurst), [] { return rte_rdtsc(); });
  if (count == 0) return 0;
  if (rte_mempool_get_bulk(queue.pool, reinterpret_cast<void**>(buffers), count) != 0) [[unlikely]] {
    lane.count_no_buffers(queue.leg);
    return 0;
  }
  std::array<std::byte*, kMostBurst> rooms;
  std::array<std::uint16_t, kMostBurst> lengths;
  std::array<Lane::Mark, kMostBurst> marks;
  for (unsigned i = 0; i < count; ++i) {
    renew(buffers[i], queue.fresh);
    rooms[i] = static_cast<std::byte*>(buffers[i]->buf_addr) + RTE_PKTMBUF_HEADROOM;
  }
  lane.deliver(queue.leg, {rooms.data(), count}, lengths.data(), marks.data());
  std::uint64_t bytes = 0;
  for (unsigned i = 0; i < count; ++i) {
    set_length(buffers[i], lengths[i]);
    bytes += lengths[i];
  }
  if (lane.marking())
    for (unsigned i = 0; i < count; ++i) mark_of(buffers[i]) = marks[i];
  lane.count_received(queue.leg, count, bytes);
  return static_cast<std::uint16_t>(count);
}

std::uint16_t tx_burst(void* place, rte_mbuf** buffers, std::uint16_t most) {
  const auto& queue = *static_cast<TxQueue*>(place);
  Lane& lane = *queue.lane;
  const std::uint16_t count = std::min(most, kMostBurst);
  if (lane.timed()) measure(lane, buffers, count);
  if (const unsigned which = lane.next_to_compare(count); which != Lane::kNone)
    lane.compare(queue.leg, {rte_pktmbuf_mtod(buffers[which], std::byte*), buffers[which]->data_len},
                 mark_of(buffers[which]).item);
  std::uint64_t bytes = 0;
  for (unsigned i = 0; i < count; ++i) bytes += buffers[i]->pkt_len;
  free_all(buffers, count);
  lane.count_sent(queue.leg, count, bytes);
  return count;
}

int register_mark_field() {
  static const rte_mbuf_dynfield field = [] {
    rte_mbuf_dynfield made{};
    std::strcpy(made.name, "wlgen_mark");
    made.size = sizeof(Lane::Mark);
    made.align = alignof(Lane::Mark);
    return made;
  }();
  mark_field = rte_mbuf_dynfield_register(&field);
  return mark_field;
}

}  // namespace wardline::perf
