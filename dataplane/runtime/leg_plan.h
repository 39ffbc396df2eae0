#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/error.h"
#include "dataplane/runtime/kernel_interface.h"
#include "dataplane/runtime/options.h"

namespace wardline::runtime {

// How one leg will be driven, decided before EAL knows of it: no DPDK here, so all of it can be tested without.
struct LegPlan {
  enum class Kind : std::uint8_t { kPci, kAfXdp, kAfPacket, kDeviceString };
  Kind kind = Kind::kDeviceString;
  std::string driver;             // for people: "af_xdp", "net_pcap", "pci"
  std::string port_name;          // as DPDK calls the device
  std::string devargs;            // what DPDK probes
  std::string interface;          // of the kernel; empty for others
  std::uint32_t mtu = 0;          // 0: not known before the port is there
  std::uint16_t buffer_room = 0;  // bytes of an mbuf, headroom included
  std::uint32_t buffers = 0;      // mbufs of this port's pool
  std::uint32_t cut_at = 0;      // a received frame this long may be cut off: never forwarded. 0: the driver never cuts
  std::uint32_t send_limit = 0;  // longest untagged frame that the port sends; 0: ask the port
  std::vector<Notice> notices;

  bool kernel() const { return !interface.empty(); }
};

// The largest MTU that AF_XDP carries: a frame with two tags, 256 bytes of XDP headroom, the buffer's own headers and
// the padding that spreads buffers over memory channels share one page of 4 KiB.
inline constexpr std::uint32_t kAfXdpLargestMtu = 3434;

// `number` makes device names unique in this process. `facts` are given where `spec` names a kernel interface.
Result<LegPlan> plan_leg(const LegOptions& leg, const RuntimeOptions& options, std::uint16_t workers, unsigned number,
                         const std::optional<KernelFacts>& facts);

bool is_pci_address(const std::string& spec);

// Size of AF_PACKET's ring frames for an MTU: a power of two, so that frames lie without gaps in the ring's blocks.
std::uint32_t af_packet_frame_size(std::uint32_t mtu);

// Bytes of this leg's buffers, headers included.
std::uint64_t pool_bytes(const LegPlan& leg);

// Megabytes that EAL needs for the pools of these legs and for `queue_bytes` of queues between workers.
std::uint32_t memory_for(const std::vector<LegPlan>& legs, std::uint64_t queue_bytes = 0);

}  // namespace wardline::runtime
