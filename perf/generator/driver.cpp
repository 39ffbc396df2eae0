// net_wlgen: the generator as a poll-mode driver. Two ports with one board are the two legs of one wire.
//   --vdev=net_wlgen0,leg=device,workload=udp:flows=1000,board=FILE --vdev=net_wlgen1,leg=core,board=FILE
#include <array>
#include <cstring>
#include <map>
#include <string_view>

extern "C" {
#include <bus_vdev_driver.h>
#include <ethdev_driver.h>
#include <ethdev_vdev.h>
#include <rte_config.h>
#include <rte_cycles.h>
#include <rte_log.h>
#include <rte_mbuf.h>
}

#include "perf/generator/bursts.h"
#include "perf/generator/generator.h"

namespace wardline::perf {
namespace {

struct Port {
  std::shared_ptr<Generator> generator;
  Leg leg = Leg::kDevice;
  rte_ether_addr mac{};
  std::array<RxQueue, kMostQueues> rx{};
  std::array<TxQueue, kMostQueues> tx{};
  std::array<std::uint8_t, 40> rss_key{};
  std::uint64_t rss_fields = 0;
};

// The driver's private data in DPDK's memory is a pointer to this.
Port& port_of(rte_eth_dev* device) {
  return **static_cast<Port**>(device->data->dev_private);
}

int refuse(const std::string& why) {
  RTE_LOG(ERR, PMD, "net_wlgen: %s\n", why.c_str());
  return -EINVAL;
}

int configure(rte_eth_dev* device) {
  const auto& asked = device->data->dev_conf.rx_adv_conf.rss_conf;
  auto& port = port_of(device);
  port.rss_fields = asked.rss_hf;
  if (asked.rss_key != nullptr)
    std::memcpy(port.rss_key.data(), asked.rss_key, std::min<std::size_t>(asked.rss_key_len, port.rss_key.size()));
  return 0;
}

int set_up_rx(rte_eth_dev* device, std::uint16_t number, std::uint16_t, unsigned, const rte_eth_rxconf*,
              rte_mempool* pool) {
  auto& port = port_of(device);
  const unsigned room = rte_pktmbuf_data_room_size(pool) - RTE_PKTMBUF_HEADROOM;
  if (constexpr unsigned kLargest = 1536; room < kLargest)
    return refuse("its buffers need room for frames of 1536 bytes, and the pool has " + std::to_string(room));
  rte_mbuf model{};
  model.data_off = RTE_PKTMBUF_HEADROOM;
  rte_mbuf_refcnt_set(&model, 1);
  model.nb_segs = 1;
  model.port = device->data->port_id;
  auto& queue = port.rx[number];
  queue.pool = pool;
  queue.leg = port.leg;
  std::memcpy(&queue.fresh, reinterpret_cast<const std::byte*>(&model) + offsetof(rte_mbuf, data_off),
              sizeof queue.fresh);
  device->data->rx_queues[number] = &queue;
  return 0;
}

int set_up_tx(rte_eth_dev* device, std::uint16_t number, std::uint16_t, unsigned, const rte_eth_txconf*) {
  auto& port = port_of(device);
  port.tx[number].leg = port.leg;
  device->data->tx_queues[number] = &port.tx[number];
  return 0;
}

int start(rte_eth_dev* device) {
  auto& port = port_of(device);
  auto* const data = device->data;
  const std::uint32_t queues = std::max(data->nb_rx_queues, data->nb_tx_queues);
  if (const auto done = port.generator->start_leg(queues, rte_get_tsc_hz()); !done) return refuse(done.error());
  for (std::uint32_t queue = 0; queue < queues; ++queue)
    port.rx[queue].lane = port.tx[queue].lane = &port.generator->lane(queue);
  data->dev_link.link_status = RTE_ETH_LINK_UP;
  for (unsigned i = 0; i < data->nb_rx_queues; ++i) data->rx_queue_state[i] = RTE_ETH_QUEUE_STATE_STARTED;
  for (unsigned i = 0; i < data->nb_tx_queues; ++i) data->tx_queue_state[i] = RTE_ETH_QUEUE_STATE_STARTED;
  return 0;
}

int stop(rte_eth_dev* device) {
  auto* const data = device->data;
  port_of(device).generator->stop_leg();
  data->dev_link.link_status = RTE_ETH_LINK_DOWN;
  for (unsigned i = 0; i < data->nb_rx_queues; ++i) data->rx_queue_state[i] = RTE_ETH_QUEUE_STATE_STOPPED;
  for (unsigned i = 0; i < data->nb_tx_queues; ++i) data->tx_queue_state[i] = RTE_ETH_QUEUE_STATE_STOPPED;
  return 0;
}

int close(rte_eth_dev* device) {
  if (rte_eal_process_type() != RTE_PROC_PRIMARY) return 0;
  auto*& port = *static_cast<Port**>(device->data->dev_private);
  delete port;
  port = nullptr;
  device->data->mac_addrs = nullptr;  // lay in the port
  return 0;
}

constexpr std::uint64_t kRssFields =
    RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_L3_SRC_ONLY | RTE_ETH_RSS_L3_DST_ONLY;

int info(rte_eth_dev*, rte_eth_dev_info* about) {
  about->max_mac_addrs = 1;
  about->max_rx_pktlen = 1536;
  about->min_mtu = 68;
  about->max_mtu = 1518;
  about->max_rx_queues = about->max_tx_queues = kMostQueues;
  about->hash_key_size = 40;
  about->flow_type_rss_offloads = kRssFields;
  about->tx_offload_capa = RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
  return 0;
}

int rss_update(rte_eth_dev* device, rte_eth_rss_conf* conf) {
  auto& port = port_of(device);
  port.rss_fields = conf->rss_hf;
  if (conf->rss_key != nullptr)
    std::memcpy(port.rss_key.data(), conf->rss_key, std::min<std::size_t>(conf->rss_key_len, port.rss_key.size()));
  return 0;
}

int rss_get(rte_eth_dev* device, rte_eth_rss_conf* conf) {
  const auto& port = port_of(device);
  conf->rss_hf = port.rss_fields;
  conf->rss_key_len = static_cast<std::uint8_t>(port.rss_key.size());
  if (conf->rss_key != nullptr) std::memcpy(conf->rss_key, port.rss_key.data(), port.rss_key.size());
  return 0;
}

int stats(rte_eth_dev* device, rte_eth_stats* told) {
  auto& port = port_of(device);
  for (std::uint32_t queue = 0; queue < device->data->nb_rx_queues; ++queue) {
    if (port.rx[queue].lane == nullptr) continue;
    const LegCounters counted = port.rx[queue].lane->counters(port.leg);
    told->ipackets += counted.rx_frames;
    told->ibytes += counted.rx_bytes;
    told->opackets += counted.tx_frames;
    told->obytes += counted.tx_bytes;
    told->imissed += counted.missed;
    told->rx_nombuf += counted.no_buffers;
  }
  return 0;
}

int link_update(rte_eth_dev*, int) {
  return 0;
}
int accept_nothing_to_do(rte_eth_dev*) {
  return 0;
}
int accept_mtu(rte_eth_dev*, std::uint16_t) {
  return 0;
}

constexpr eth_dev_ops kOps = [] {
  eth_dev_ops ops{};
  ops.dev_configure = configure;
  ops.dev_start = start;
  ops.dev_stop = stop;
  ops.dev_close = close;
  ops.dev_infos_get = info;
  ops.rx_queue_setup = set_up_rx;
  ops.tx_queue_setup = set_up_tx;
  ops.link_update = link_update;
  ops.promiscuous_enable = ops.promiscuous_disable = accept_nothing_to_do;
  ops.allmulticast_enable = ops.allmulticast_disable = accept_nothing_to_do;
  ops.mtu_set = accept_mtu;
  ops.stats_get = stats;
  ops.stats_reset = accept_nothing_to_do;
  ops.rss_hash_update = rss_update;
  ops.rss_hash_conf_get = rss_get;
  return ops;
}();

using Arguments = std::map<std::string, std::string>;

// Not by DPDK's own reader: to that a workload's `flows=1000` would be one more argument.
std::expected<Arguments, std::string> read_arguments(std::string_view text) {
  Arguments found;
  while (!text.empty()) {
    const auto argument = text.substr(0, text.find(','));
    text.remove_prefix(std::min(argument.size() + 1, text.size()));
    const auto equals = argument.find('=');
    const auto key = argument.substr(0, equals);
    if (equals == std::string_view::npos || (key != "leg" && key != "workload" && key != "board" && key != "run"))
      return std::unexpected("its arguments are leg, workload, board and run, each with =; found '" +
                             std::string(argument) + "'");
    found[std::string(key)] = argument.substr(equals + 1);
  }
  return found;
}

std::expected<void, std::string> set_up(Port& port, Arguments& given) {
  const auto& leg = given["leg"];
  if (leg != "device" && leg != "core") return std::unexpected("leg is device or core, found '" + leg + "'");
  port.leg = leg == "device" ? Leg::kDevice : Leg::kCore;
  auto generator = Generator::of(given["board"]);
  if (!generator) return std::unexpected(generator.error());
  port.generator = *generator;
  if (given.contains("workload"))
    if (auto done = port.generator->describe(given["workload"]); !done) return done;
  if (const auto& run = given["run"]; !run.empty()) {
    if (run.size() != 1 || run[0] < '0' || run[0] > '2')
      return std::unexpected("run is 0 (paused), 1 (warm-up) or 2 (measured), found '" + run + "'");
    port.generator->order(static_cast<RunOrder>(run[0] - '0'));
  }
  port.mac = {{0x02, 0x57, 0x4e, 0, 0, static_cast<std::uint8_t>(port.leg)}};
  return {};
}

int probe(rte_vdev_device* device) {
  const char* const text = rte_vdev_device_args(device);
  auto given = read_arguments(text != nullptr ? text : "");
  if (!given) return refuse(given.error());
  if (register_mark_field() < 0) return refuse("mbufs have no room for 16 bytes of ours");
  auto port = std::make_unique<Port>();
  if (const auto done = set_up(*port, *given); !done) return refuse(done.error());
  if (device->device.numa_node == SOCKET_ID_ANY) device->device.numa_node = static_cast<int>(rte_socket_id());
  rte_eth_dev* const made = rte_eth_vdev_allocate(device, sizeof(Port*));
  if (made == nullptr) return -ENOMEM;
  auto* const data = made->data;
  *static_cast<Port**>(data->dev_private) = port.get();
  data->mac_addrs = &port->mac;
  data->nb_rx_queues = data->nb_tx_queues = 1;
  data->promiscuous = data->all_multicast = 1;
  data->dev_link.link_speed = RTE_ETH_SPEED_NUM_100G;
  data->dev_link.link_duplex = RTE_ETH_LINK_FULL_DUPLEX;
  data->dev_link.link_autoneg = RTE_ETH_LINK_FIXED;
  made->dev_ops = &kOps;
  made->rx_pkt_burst = rx_burst;
  made->tx_pkt_burst = tx_burst;
  port.release();
  rte_eth_dev_probing_finish(made);
  return 0;
}

int remove(rte_vdev_device* device) {
  rte_eth_dev* const made = rte_eth_dev_allocated(rte_vdev_device_name(device));
  if (made == nullptr) return 0;  // closed already
  close(made);
  return rte_eth_dev_release_port(made);
}

// Ready before any constructor runs: DPDK's macro registers it from one.
constinit rte_vdev_driver driver = [] {
  rte_vdev_driver made{};
  made.probe = probe;
  made.remove = remove;
  return made;
}();

}  // namespace
}  // namespace wardline::perf

using wardline::perf::driver;
RTE_PMD_REGISTER_VDEV(net_wlgen, driver);
RTE_PMD_REGISTER_PARAM_STRING(net_wlgen, "leg=device|core workload=<spec> board=<file> run=0|1|2");
