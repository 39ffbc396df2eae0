#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "dataplane/batch.h"

struct rte_eth_conf;

namespace wardline::runtime {

// How a card spreads frames over workers: by the L3 address of the device side alone, the source on device legs and
// the destination on core legs. Both directions and all fragments of a device's flows so meet on one worker.
class DeviceAddressSpread {
 public:
  // Nothing when the card cannot hash one address alone. `offered` are its flow_type_rss_offloads.
  static std::optional<DeviceAddressSpread> choose(std::uint64_t offered, std::uint8_t key_bytes, Side side);
  void put_into(rte_eth_conf& conf);  // this must outlive the call to rte_eth_dev_configure
  // The redirection table: hash -> queue. Both legs must have the same, and cards have tables of different sizes, so
  // it repeats after `period` entries (the smallest table of the bundle). `size` 0: the card has none that can be set.
  void repeat_after(std::uint16_t period, std::uint16_t size, std::uint16_t workers);
  bool set_table(std::uint16_t port) const;    // after its start; false: refused
  bool is_in_force(std::uint16_t port) const;  // what the card says after its start
  std::uint64_t fields() const { return fields_; }
  const std::array<std::uint8_t, 64>& key() const { return key_; }
  std::uint16_t queue_of(std::uint16_t entry) const {
    return static_cast<std::uint16_t>(entry % table_period_ % workers_);
  }

 private:
  std::uint64_t fields_ = 0;
  std::uint8_t key_bytes_ = 40;
  std::uint16_t table_period_ = 0, table_size_ = 0, workers_ = 1;
  alignas(4) std::array<std::uint8_t, 64> key_{};  // read in words by the check of the hash
};

}  // namespace wardline::runtime
