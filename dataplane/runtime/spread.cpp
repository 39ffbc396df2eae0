#include "dataplane/runtime/spread.h"

#include <rte_ethdev.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace wardline::runtime {

std::optional<DeviceAddressSpread> DeviceAddressSpread::choose(std::uint64_t offered, std::uint8_t key_bytes,
                                                               Side side) {
  const std::uint64_t one_address = side == Side::kDevice ? RTE_ETH_RSS_L3_SRC_ONLY : RTE_ETH_RSS_L3_DST_ONLY;
  constexpr std::uint64_t kAddresses =
      RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_FRAG_IPV4 | RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_FRAG_IPV6;
  const std::uint64_t both = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6;
  if ((offered & one_address) == 0 || (offered & both) != both) return std::nullopt;
  DeviceAddressSpread spread;
  spread.fields_ = (offered & kAddresses) | one_address;
  spread.key_bytes_ = key_bytes == 0 ? 40 : std::min<std::uint8_t>(key_bytes, sizeof spread.key_);
  // A key with a period of 16 bits hashes an address alike wherever it stands in the header.
  for (std::size_t i = 0; i < spread.key_.size(); ++i) spread.key_[i] = i % 2 == 0 ? 0x6d : 0x5a;
  return spread;
}

void DeviceAddressSpread::put_into(rte_eth_conf& conf) {
  conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
  conf.rx_adv_conf.rss_conf.rss_key = key_.data();
  conf.rx_adv_conf.rss_conf.rss_key_len = key_bytes_;
  conf.rx_adv_conf.rss_conf.rss_hf = fields_;
}

void DeviceAddressSpread::repeat_after(std::uint16_t period, std::uint16_t size, std::uint16_t workers) {
  table_period_ = period;
  table_size_ = size;
  workers_ = workers;
}

bool DeviceAddressSpread::set_table(std::uint16_t port) const {
  if (table_period_ == 0 || table_size_ == 0) return true;
  std::vector<rte_eth_rss_reta_entry64> groups((table_size_ + RTE_ETH_RETA_GROUP_SIZE - 1u) / RTE_ETH_RETA_GROUP_SIZE);
  for (std::uint16_t entry = 0; entry < table_size_; ++entry) {
    auto& group = groups[entry / RTE_ETH_RETA_GROUP_SIZE];
    group.mask |= std::uint64_t{1} << entry % RTE_ETH_RETA_GROUP_SIZE;
    group.reta[entry % RTE_ETH_RETA_GROUP_SIZE] = queue_of(entry);
  }
  const int code = rte_eth_dev_rss_reta_update(port, groups.data(), table_size_);
  return code == 0 || code == -ENOTSUP;  // where it cannot be set, every driver deals its queues out in turns
}

bool DeviceAddressSpread::is_in_force(std::uint16_t port) const {
  std::array<std::uint8_t, sizeof key_> found{};
  rte_eth_rss_conf conf{};
  conf.rss_key = found.data();
  conf.rss_key_len = key_bytes_;
  if (rte_eth_dev_rss_hash_conf_get(port, &conf) != 0) return false;
  return (conf.rss_hf & fields_) == fields_ && std::equal(found.begin(), found.begin() + key_bytes_, key_.begin());
}

}  // namespace wardline::runtime
