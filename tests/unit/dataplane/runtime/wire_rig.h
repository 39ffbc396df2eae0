#pragma once
#include <gtest/gtest.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include <memory>
#include <string>
#include <vector>

#include "dataplane/runtime/lane.h"

namespace wardline::runtime {

using Bytes = std::vector<std::uint8_t>;

// An Ethernet frame of `length` bytes that differs in every byte from one of another seed.
inline Bytes frame_of(std::size_t length, std::uint8_t seed = 1) {
  Bytes bytes(length);
  for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<std::uint8_t>(i * 5 + seed);
  if (length >= 14) bytes[12] = 8, bytes[13] = 0;
  return bytes;
}

inline Bytes bytes_of(const rte_mbuf* frame) {
  Bytes bytes(rte_pktmbuf_pkt_len(frame));
  const void* found = rte_pktmbuf_read(frame, 0, static_cast<std::uint32_t>(bytes.size()), bytes.data());
  if (found != bytes.data()) std::memcpy(bytes.data(), found, bytes.size());
  return bytes;
}

// A port whose wire is two rings, so that a test is the cable.
class RingPort {
 public:
  RingPort(const std::string& name, rte_mempool* pool, unsigned places = 64, std::uint16_t send_queues = 1) {
    in_ = rte_ring_create((name + "-in").c_str(), places, SOCKET_ID_ANY, 0);
    out_ = rte_ring_create((name + "-out").c_str(), places, SOCKET_ID_ANY, 0);
    const std::vector<rte_ring*> outs(send_queues, out_);  // many queues, one wire
    const int port = rte_eth_from_rings(name.c_str(), &in_, 1, outs.data(), send_queues, 0);
    EXPECT_GE(port, 0);
    number_ = static_cast<std::uint16_t>(port);
    rte_eth_conf conf{};
    EXPECT_EQ(0, rte_eth_dev_configure(number_, 1, send_queues, &conf));
    EXPECT_EQ(0, rte_eth_rx_queue_setup(number_, 0, 64, SOCKET_ID_ANY, nullptr, pool));
    for (std::uint16_t queue = 0; queue < send_queues; ++queue)
      EXPECT_EQ(0, rte_eth_tx_queue_setup(number_, queue, 64, SOCKET_ID_ANY, nullptr));
    EXPECT_EQ(0, rte_eth_dev_start(number_));
  }
  ~RingPort() {
    rte_eth_dev_stop(number_);
    rte_eth_dev_close(number_);
    rte_ring_free(in_);
    rte_ring_free(out_);
  }
  RingPort(const RingPort&) = delete;
  RingPort& operator=(const RingPort&) = delete;

  void arrive(rte_mbuf* frame) { ASSERT_EQ(0, rte_ring_enqueue(in_, frame)); }
  // What left by this port; null when nothing did. The caller frees it.
  rte_mbuf* departed() {
    void* frame = nullptr;
    return rte_ring_dequeue(out_, &frame) == 0 ? static_cast<rte_mbuf*>(frame) : nullptr;
  }
  rte_ring* in() { return in_; }
  rte_ring* out() { return out_; }
  std::uint16_t number() const { return number_; }

 private:
  rte_ring *in_ = nullptr, *out_ = nullptr;
  std::uint16_t number_ = 0;
};

// Two ring ports and a pool; at its end every buffer must be back.
class WireRig {
 public:
  explicit WireRig(unsigned places = 64, std::uint16_t send_queues = 1)
      : number_(next_++),
        pool_(rte_pktmbuf_pool_create(("rig" + std::to_string(number_)).c_str(), 8 * places - 1, 0, 0, 2176,
                                      SOCKET_ID_ANY)),
        lan_("lan" + std::to_string(number_), pool_, places, send_queues),
        wan_("wan" + std::to_string(number_), pool_, places, send_queues) {}
  ~WireRig() {
    for (RingPort* port : {&lan_, &wan_})
      while (rte_mbuf* frame = port->departed()) rte_pktmbuf_free(frame);
    EXPECT_EQ(0u, rte_mempool_in_use_count(pool_)) << "buffers did not come back";
    rte_mempool_free(pool_);
  }

  // One frame in segments of at most `piece` bytes.
  rte_mbuf* make(const Bytes& bytes, std::size_t piece = 2048) {
    rte_mbuf* first = nullptr;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      const auto size = std::min(piece, bytes.size() - at);
      rte_mbuf* part = rte_pktmbuf_alloc(pool_);
      std::memcpy(rte_pktmbuf_append(part, static_cast<std::uint16_t>(size)), bytes.data() + at, size);
      if (first == nullptr)
        first = part;
      else
        EXPECT_EQ(0, rte_pktmbuf_chain(first, part));
    }
    return first;
  }

  LanePair pair() {
    LanePair pair;
    for (const Side side : {Side::kDevice, Side::kCore})
      pair.legs[static_cast<std::size_t>(side)] = {
          .port = (side == Side::kDevice ? lan_ : wan_).number(), .pool = pool_, .sends_segments = true};
    return pair;
  }
  RingPort& lan() { return lan_; }
  RingPort& wan() { return wan_; }
  rte_mempool* pool() { return pool_; }

 private:
  static inline int next_ = 0;
  int number_;
  rte_mempool* pool_;
  RingPort lan_, wan_;
};

}  // namespace wardline::runtime
