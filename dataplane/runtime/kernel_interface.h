#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "dataplane/address.h"
#include "dataplane/error.h"
#include "dataplane/runtime/link_speed.h"

namespace wardline::runtime {

// What the kernel tells of one of its interfaces. Asked by ioctl and not from /sys, which may show another network
// namespace than this process is in.
struct KernelFacts {
  std::string name, driver;  // driver: "veth", "virtio_net", "ixgbe", ...
  bool up = false, carrier = false;
  std::uint32_t mtu = 0;
  Mac mac;
  std::uint32_t rx_queues = 1, tx_queues = 1;
  // Offloads that are on.
  bool tx_checksum = false, tso = false, gso = false, gro = false, lro = false, tx_vlan = false, rx_vlan = false;
  bool has_address = false;         // Linux itself has an IP address there and would answer on it
  std::optional<std::string> peer;  // of a veth: its other end, when that is in this namespace
};

bool kernel_interface_exists(const std::string& name);
Result<KernelFacts> read_kernel_interface(const std::string& name);
Result<void> set_interface_up(const std::string& name);

struct LinkState {
  bool exists = false, up = false, carrier = false;
  bool usable() const { return exists && up && carrier; }
};
LinkState read_link_state(const std::string& name);
LinkSpeed read_link_speed(const std::string& name);

}  // namespace wardline::runtime
