#pragma once
#include <cstdint>

#include "perf/generator/lane.h"

struct rte_mbuf;
struct rte_mempool;

namespace wardline::perf {

struct RxQueue {
  Lane* lane = nullptr;
  rte_mempool* pool = nullptr;
  std::uint64_t fresh = 0;  // the first words of an mbuf as it leaves: offset of data, one reference, one segment, port
  Leg leg = Leg::kDevice;
};

struct TxQueue {
  Lane* lane = nullptr;
  Leg leg = Leg::kDevice;
};

// What DPDK calls for a burst, with a queue as its place.
std::uint16_t rx_burst(void* queue, rte_mbuf** buffers, std::uint16_t most);
std::uint16_t tx_burst(void* queue, rte_mbuf** buffers, std::uint16_t most);

// Gets room for a Lane::Mark in every mbuf. Below zero: there is none.
int register_mark_field();

}  // namespace wardline::perf
