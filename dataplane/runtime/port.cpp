#include "dataplane/runtime/port.h"

#include <fmt/format.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <algorithm>

#include "dataplane/runtime/eal.h"

namespace wardline::runtime {
namespace {

std::string mac_text(const rte_ether_addr& mac) {
  return fmt::format("{:02x}", fmt::join(mac.addr_bytes, mac.addr_bytes + RTE_ETHER_ADDR_LEN, ":"));
}

}  // namespace

std::unexpected<Error> Port::refused(const std::string& what, int code) const {
  std::string text = fmt::format("{}: {}", what, rte_strerror(code < 0 ? -code : code));
  for (const auto& line : take_driver_log()) text += "; " + line;
  return fail("port.refused", plan_.interface.empty() ? plan_.port_name : plan_.interface, text);
}

Result<std::unique_ptr<Port>> Port::attach(const LegPlan& plan) {
  std::unique_ptr<Port> port(new Port(plan));
  if (plan.kernel() && !read_link_state(plan.interface).up)
    if (auto up = set_interface_up(plan.interface); !up) return std::unexpected(up.error());
  if (auto done = port->probe(); !done) return std::unexpected(done.error());
  return port;
}

std::optional<std::uint16_t> Port::spreads(std::uint16_t workers, Side side) const {
  rte_eth_dev_info info{};
  if (rte_eth_dev_info_get(number_, &info) != 0) return std::nullopt;
  if (workers > std::min(info.max_rx_queues, info.max_tx_queues)) return std::nullopt;
  if (!DeviceAddressSpread::choose(info.flow_type_rss_offloads, info.hash_key_size, side)) return std::nullopt;
  return info.reta_size;
}

Result<void> Port::start(const RuntimeOptions& options, const PortShare& share, Side side) {
  if (auto done = make_pool(); !done) return done;
  if (auto done = configure(share, side); !done) return done;
  if (auto done = set_queues(options); !done) return done;
  return begin();
}

Port::~Port() {
  close();
  free_pool();
}

Result<void> Port::probe() {
  if (rte_eth_dev_get_port_by_name(plan_.port_name.c_str(), &number_) == 0) {
    attached_ = true;  // made by somebody else, who also takes it away
    return {};
  }
  if (const int code = rte_dev_probe(plan_.devargs.c_str()); code != 0)
    return refused(fmt::format("DPDK cannot make a port of '{}'", plan_.devargs), code);
  attached_ = ours_ = true;
  if (const int code = rte_eth_dev_get_port_by_name(plan_.port_name.c_str(), &number_); code != 0)
    return refused(fmt::format("'{}' made no port", plan_.devargs), code);
  return {};
}

Result<void> Port::make_pool() {
  const auto name = fmt::format("wl-{}", number_);
  constexpr unsigned kCache = 256;
  const unsigned cache = std::min(kCache, plan_.buffers * 2 / 3 / 2);
  pool_ = rte_pktmbuf_pool_create(name.c_str(), plan_.buffers, cache, 0, plan_.buffer_room, SOCKET_ID_ANY);
  if (pool_ == nullptr)
    return refused(
        fmt::format("no memory for its {} buffers of {} bytes; raise `memory_mb`", plan_.buffers, plan_.buffer_room),
        rte_errno);
  return {};
}

// Without a spread one queue receives. Every worker gets a send queue of its own where the port has so many.
Result<void> Port::configure(const PortShare& share, Side side) {
  rte_eth_dev_info info{};
  if (const int code = rte_eth_dev_info_get(number_, &info); code != 0) return refused("it cannot be asked", code);
  // No offloads: tags stay in the frame, checksums are the endpoints' own.
  rte_eth_conf conf{};
  if (plan_.kind == LegPlan::Kind::kPci) conf.rxmode.mtu = plan_.mtu;
  const bool offered = (info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) != 0;
  if (offered) conf.txmode.offloads |= RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
  // The software drivers all send every segment, but not all of them say so; af_xdp reads on behind the first.
  sends_segments_ = offered || plan_.kind == LegPlan::Kind::kDeviceString;
  if (share.spread) {
    spread_ = DeviceAddressSpread::choose(info.flow_type_rss_offloads, info.hash_key_size, side);
    spread_->put_into(conf);
    receive_queues_ = share.workers;
  }
  send_queues_ = share.workers <= info.max_tx_queues ? share.workers : std::uint16_t{1};
  int code = rte_eth_dev_configure(number_, receive_queues_, send_queues_, &conf);
  if (code != 0 && !share.spread && send_queues_ > 1) {  // net_tap wants as many of each
    send_queues_ = 1;
    code = rte_eth_dev_configure(number_, 1, 1, &conf);
  }
  if (code != 0) return refused("it refuses its settings", code);
  if (spread_) spread_->repeat_after(share.table, info.reta_size, share.workers);
  return {};
}

Result<void> Port::set_queues(const RuntimeOptions& options) {
  rte_eth_dev_info info{};
  if (const int code = rte_eth_dev_info_get(number_, &info); code != 0) return refused("it cannot be asked", code);
  std::uint16_t rx = options.rx_descriptors, tx = options.tx_descriptors;
  rte_eth_dev_adjust_nb_rx_tx_desc(number_, &rx, &tx);
  rte_eth_txconf tx_conf = info.default_txconf;
  if ((info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) != 0)
    tx_conf.offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
  else
    tx_conf.offloads = 0;
  for (std::uint16_t queue = 0; queue < receive_queues_; ++queue)
    if (const int code = rte_eth_rx_queue_setup(number_, queue, rx, SOCKET_ID_ANY, nullptr, pool_); code != 0)
      return refused(fmt::format("it refuses receive queue {}", queue), code);
  for (std::uint16_t queue = 0; queue < send_queues_; ++queue)
    if (const int code = rte_eth_tx_queue_setup(number_, queue, tx, SOCKET_ID_ANY, &tx_conf); code != 0)
      return refused(fmt::format("it refuses send queue {}", queue), code);
  return {};
}

Result<void> Port::begin() {
  if (const int code = rte_eth_dev_start(number_); code != 0) return refused("it does not start", code);
  started_ = true;
  if (spread_ && !(spread_->set_table(number_) && spread_->is_in_force(number_)))
    return fail("port.workers", plan_.port_name,
                "it took the order to spread frames by the device's address, but does not do so; set `spread: software`"
                " for this bundle");
  rte_eth_promiscuous_enable(number_);  // what has no such mode takes every frame anyway
  rte_eth_allmulticast_enable(number_);
  rte_ether_addr mac{};
  if (rte_eth_macaddr_get(number_, &mac) == 0) mac_ = mac_text(mac);
  mtu_ = plan_.mtu;
  std::uint16_t mtu = 0;
  if (mtu_ == 0 && rte_eth_dev_get_mtu(number_, &mtu) == 0) mtu_ = mtu;
  take_driver_log();  // a port that started has nothing to complain of
  usable_.store(read_carrier().value_or(true), std::memory_order_relaxed);
  speed_.store(read_speed(), std::memory_order_relaxed);
  return {};
}

std::optional<bool> Port::read_carrier() const {
  if (plan_.kernel()) return read_link_state(plan_.interface).usable();
  if (plan_.kind != LegPlan::Kind::kPci || !started_) return std::nullopt;
  rte_eth_link link{};
  if (rte_eth_link_get_nowait(number_, &link) != 0) return std::nullopt;
  return link.link_status == RTE_ETH_LINK_UP;
}

// What drivers of kernel interfaces call their speed is made up: the kernel knows that of the card.
LinkSpeed Port::read_speed() const {
  if (plan_.kernel()) return read_link_speed(plan_.interface);
  rte_eth_link link{};
  if (plan_.kind != LegPlan::Kind::kPci || !started_ || rte_eth_link_get_nowait(number_, &link) != 0) return {};
  if (link.link_status != RTE_ETH_LINK_UP || link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN) return {};
  return {link.link_speed, link.link_duplex == RTE_ETH_LINK_FULL_DUPLEX};
}

PortCounters Port::counters() const {
  rte_eth_stats stats{};
  if (!started_ || rte_eth_stats_get(number_, &stats) != 0) return last_;
  return {stats.ipackets, stats.opackets,  stats.ibytes,  stats.obytes,
          stats.imissed,  stats.rx_nombuf, stats.ierrors, stats.oerrors};
}

std::uint32_t Port::leaked() const {
  if (pool_ == nullptr || plan_.kind == LegPlan::Kind::kAfXdp) return 0;
  return rte_mempool_in_use_count(pool_);
}

void Port::close() {
  if (!attached_) return;
  last_ = counters();
  attached_ = false;
  rte_eth_dev_info info{};
  const bool known = number_ != 0xffff && rte_eth_dev_info_get(number_, &info) == 0;
  if (started_) rte_eth_dev_stop(number_);
  started_ = false;
  if (!ours_ || !known) return;
  rte_eth_dev_close(number_);
  rte_dev_remove(info.device);
}

void Port::free_pool() {
  if (pool_ != nullptr) rte_mempool_free(pool_);
  pool_ = nullptr;
}

}  // namespace wardline::runtime
