#include "dataplane/runtime/leg_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cctype>

#include "dataplane/runtime/distribution.h"

namespace wardline::runtime {
namespace {

constexpr std::uint32_t kEthernetHeader = 14, kTwoTags = 8;
constexpr std::uint32_t kHeadroom = 128;       // RTE_PKTMBUF_HEADROOM
constexpr std::uint32_t kBufferHeaders = 192;  // mempool object header 64, mbuf 128
constexpr std::uint32_t kXdpHeadroom = 256;    // XDP_PACKET_HEADROOM
constexpr std::uint32_t kPlainRoom = 2048 + kHeadroom;
constexpr std::uint32_t kPage = 4096;
constexpr std::uint32_t kXdpLargestRoom =
    kPage - kBufferHeaders - 64;  // an even number of lines gets one more as padding
static_assert(kXdpLargestRoom == kAfXdpLargestMtu + kEthernetHeader + kTwoTags + kXdpHeadroom + kHeadroom);
// What a ring frame of AF_PACKET spends on its own header: at most 82 bytes before the frame's first byte.
constexpr std::uint32_t kPacketRingHeader = 82;
constexpr std::uint32_t kBurstsInFlight = 8 * 32, kPoolCache = 256;

std::uint32_t round_up(std::uint32_t value, std::uint32_t step) {
  return (value + step - 1) / step * step;
}

// A pool is fullest with 2^k - 1 buffers.
std::uint32_t pool_size(std::uint32_t needed) {
  return std::bit_ceil(needed + 1) - 1;
}

// What may wait in the queues of a software distribution: on the way there, and back from the twin leg.
std::uint32_t in_queues(std::uint16_t workers) {
  return (workers - 1u) * 2 * Distribution::kPlaces;
}

// A port that spreads frames has queues for each worker; whether it does is known only when it is attached.
std::uint32_t buffers_of_queues(const RuntimeOptions& options, std::uint16_t workers) {
  const std::uint32_t descriptors = options.rx_descriptors + options.tx_descriptors;
  const std::uint32_t spread = workers * descriptors, distributed = descriptors + in_queues(workers);
  return pool_size(std::max(spread, distributed) + workers * (kPoolCache + kBurstsInFlight));
}

// Why AF_XDP cannot carry this interface; empty when it can.
std::string why_not_af_xdp(const KernelFacts& facts) {
  if (facts.mtu > kAfXdpLargestMtu)
    return fmt::format("af_xdp carries frames up to MTU {}, and the MTU here is {}", kAfXdpLargestMtu, facts.mtu);
  const auto queues = std::max(facts.rx_queues, facts.tx_queues);
  if (queues > 1)
    return fmt::format("af_xdp serves queue 0 alone, so frames on the other {} queues would vanish; {}", queues - 1,
                       facts.driver == "veth" ? "make the veth with `numtxqueues 1 numrxqueues 1`"
                                              : "set one queue with `ethtool -L " + facts.name + " combined 1`");
  return {};
}

LegPlan af_packet_plan(const KernelFacts& facts, std::uint16_t workers, unsigned number) {
  const auto frame = af_packet_frame_size(facts.mtu);
  const auto block = std::max(frame, kPage);
  const std::uint32_t ring_bytes = frame <= kPage ? 8u << 20 : 16u << 20;  // each way, of kernel memory
  LegPlan plan;
  plan.kind = LegPlan::Kind::kAfPacket;
  plan.driver = "af_packet";
  plan.port_name = fmt::format("net_af_packet{}", number);
  plan.devargs = fmt::format("{},iface={},qpairs=1,blocksz={},framesz={},framecnt={},qdisc_bypass=1", plan.port_name,
                             facts.name, block, frame, ring_bytes / frame);
  plan.buffer_room = static_cast<std::uint16_t>(std::min(frame + kHeadroom, 65535u));
  plan.buffers = pool_size(kPoolCache + in_queues(workers) +
                           workers * (kPoolCache + kBurstsInFlight));  // the driver copies: none waits in a ring
  plan.cut_at = frame - kPacketRingHeader;
  plan.send_limit = facts.mtu + kEthernetHeader;
  return plan;
}

LegPlan af_xdp_plan(const KernelFacts& facts, std::uint16_t workers, unsigned number) {
  constexpr std::uint32_t kXdpRing = 2048;  // descriptors of each of the driver's rings
  LegPlan plan;
  plan.kind = LegPlan::Kind::kAfXdp;
  plan.driver = "af_xdp";
  plan.port_name = fmt::format("net_af_xdp{}", number);
  plan.devargs = fmt::format("{},iface={},start_queue=0,queue_count=1", plan.port_name, facts.name);
  const auto frame = round_up(facts.mtu + kEthernetHeader + kTwoTags, 64);
  plan.buffer_room = static_cast<std::uint16_t>(
      std::clamp(frame + kXdpHeadroom + kHeadroom, kPlainRoom + kXdpHeadroom, kXdpLargestRoom));
  plan.buffers = pool_size(2 * kXdpRing + kPoolCache + in_queues(workers) + workers * (kPoolCache + kBurstsInFlight));
  plan.send_limit = facts.mtu + kEthernetHeader;
  return plan;
}

Result<LegPlan> kernel_plan(const LegOptions& leg, std::uint16_t workers, unsigned number, const KernelFacts& facts) {
  if (facts.mtu > 32'000)
    return fail(
        "port.mtu", facts.name,
        fmt::format("its MTU is {}; up to 32000 can be carried: run `ip link set {} mtu 9000`", facts.mtu, facts.name));
  if (leg.driver == DriverChoice::kAfPacket) return af_packet_plan(facts, workers, number);
  const auto obstacle = why_not_af_xdp(facts);
  if (obstacle.empty()) return af_xdp_plan(facts, workers, number);
  if (leg.driver == DriverChoice::kAfXdp) return fail("port.af-xdp", facts.name, obstacle + ", or use af_packet");
  auto plan = af_packet_plan(facts, workers, number);
  plan.notices.push_back({Notice::Level::kInfo, {}, "af_packet is used, because " + obstacle});
  return plan;
}

Result<LegPlan> device_string_plan(const LegOptions& leg, const RuntimeOptions& options, std::uint16_t workers) {
  LegPlan plan;
  plan.devargs = leg.spec;
  plan.port_name = leg.spec.substr(0, leg.spec.find(','));
  plan.driver = plan.port_name;
  while (!plan.driver.empty() && std::isdigit(static_cast<unsigned char>(plan.driver.back()))) plan.driver.pop_back();
  plan.buffer_room = kPlainRoom;
  plan.buffers = buffers_of_queues(options, workers);
  return plan;
}

LegPlan pci_plan(const LegOptions& leg, const RuntimeOptions& options, std::uint16_t workers) {
  LegPlan plan;
  plan.kind = LegPlan::Kind::kPci;
  plan.driver = "pci";
  plan.port_name = plan.devargs = leg.spec;
  plan.mtu = leg.mtu == 0 ? 1500 : leg.mtu;
  plan.buffer_room = static_cast<std::uint16_t>(
      std::max(kPlainRoom, round_up(plan.mtu + kEthernetHeader + kTwoTags + 4, 128) + kHeadroom));
  plan.buffers = buffers_of_queues(options, workers);
  plan.send_limit = plan.mtu + kEthernetHeader + 4;
  return plan;
}

Result<LegPlan> choose(const LegOptions& leg, const RuntimeOptions& options, std::uint16_t workers, unsigned number,
                       const std::optional<KernelFacts>& facts) {
  if (is_pci_address(leg.spec)) {
    if (leg.mtu > 9600)
      return fail("port.mtu", leg.spec, fmt::format("MTU {} is out of range; a card takes up to 9600", leg.mtu));
    return pci_plan(leg, options, workers);
  }
  if (leg.mtu != 0)
    return fail(
        "port.mtu", leg.spec,
        fmt::format("an MTU is given for PCI cards alone; here run `ip link set {} mtu {}`", leg.spec, leg.mtu));
  if (facts) return kernel_plan(leg, workers, number, *facts);
  if (leg.spec.starts_with("net_") || leg.spec.find(',') != std::string::npos)
    return device_string_plan(leg, options, workers);
  return fail("port.no-interface", leg.spec,
              "the kernel has no interface of this name in this network namespace, and it is neither a PCI address "
              "(0000:03:00.0) nor a device string (net_...); `ip link` lists the interfaces");
}

}  // namespace

bool is_pci_address(const std::string& spec) {
  // domain:bus:device.function, the domain may be left out
  const auto form = spec.size() == 12 ? "hhhh:hh:hh.h" : "hh:hh.h";
  const std::string_view pattern = form;
  if (spec.size() != pattern.size()) return false;
  return std::equal(spec.begin(), spec.end(), pattern.begin(), [](char found, char wanted) {
    return wanted == 'h' ? std::isxdigit(static_cast<unsigned char>(found)) != 0 : found == wanted;
  });
}

std::uint32_t af_packet_frame_size(std::uint32_t mtu) {
  return std::max(2048u, std::bit_ceil(mtu + kEthernetHeader + kTwoTags + kPacketRingHeader + 1));
}

Result<LegPlan> plan_leg(const LegOptions& leg, const RuntimeOptions& options, std::uint16_t workers, unsigned number,
                         const std::optional<KernelFacts>& facts) {
  auto plan = choose(leg, options, workers, number, facts);
  if (!plan) return plan;
  if (facts) {
    plan->interface = facts->name;
    plan->mtu = facts->mtu;
  }
  if (options.buffers_per_port != 0) plan->buffers = options.buffers_per_port;
  return plan;
}

std::uint64_t pool_bytes(const LegPlan& leg) {
  // Without huge pages a buffer does not cross a page: the larger ones then take whole pages.
  const std::uint64_t buffer = round_up(leg.buffer_room + kBufferHeaders, leg.buffer_room > kPage / 2 ? kPage : 64);
  return leg.buffers * buffer;
}

std::uint32_t memory_for(const std::vector<LegPlan>& legs, std::uint64_t queue_bytes) {
  std::uint64_t bytes = queue_bytes + (64u << 20);  // EAL, drivers and rings
  for (const auto& leg : legs) bytes += pool_bytes(leg) * 11 / 10;
  return static_cast<std::uint32_t>(bytes >> 20) + 1;
}

}  // namespace wardline::runtime
