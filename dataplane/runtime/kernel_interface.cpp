#include "dataplane/runtime/kernel_interface.h"

#include <fmt/format.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "dataplane/runtime/veth_peer.h"

namespace wardline::runtime {
namespace {

// A socket only to ask by. Owner: the function that makes it.
class Inquiry {
 public:
  explicit Inquiry(const std::string& name) : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    std::strncpy(request_.ifr_name, name.c_str(), IFNAMSIZ - 1);
  }
  ~Inquiry() {
    if (fd_ >= 0) close(fd_);
  }
  Inquiry(const Inquiry&) = delete;
  Inquiry& operator=(const Inquiry&) = delete;

  bool ask(unsigned long what) { return fd_ >= 0 && ioctl(fd_, what, &request_) == 0; }
  bool ethtool(void* command) {
    request_.ifr_data = static_cast<char*>(command);
    return ask(SIOCETHTOOL);
  }
  // One of the "is this on?" commands of ethtool; what a driver does not know is off.
  std::uint32_t ethtool_value(std::uint32_t command) {
    ethtool_value_ = {};
    ethtool_value_.cmd = command;
    return ethtool(&ethtool_value_) ? ethtool_value_.data : 0;
  }
  ifreq& request() { return request_; }

 private:
  int fd_;
  ifreq request_{};
  struct ethtool_value ethtool_value_{};
};

void read_offloads(Inquiry& inquiry, KernelFacts& facts) {
  facts.tx_checksum = inquiry.ethtool_value(ETHTOOL_GTXCSUM) != 0;
  facts.tso = inquiry.ethtool_value(ETHTOOL_GTSO) != 0;
  facts.gso = inquiry.ethtool_value(ETHTOOL_GGSO) != 0;
  facts.gro = inquiry.ethtool_value(ETHTOOL_GGRO) != 0;
  const auto flags = inquiry.ethtool_value(ETHTOOL_GFLAGS);
  facts.lro = (flags & ETH_FLAG_LRO) != 0;
  facts.tx_vlan = (flags & ETH_FLAG_TXVLAN) != 0;
  facts.rx_vlan = (flags & ETH_FLAG_RXVLAN) != 0;
}

void read_queues(Inquiry& inquiry, KernelFacts& facts) {
  ethtool_channels channels{};
  channels.cmd = ETHTOOL_GCHANNELS;
  if (!inquiry.ethtool(&channels)) return;
  facts.rx_queues = std::max(1u, channels.rx_count + channels.combined_count);
  facts.tx_queues = std::max(1u, channels.tx_count + channels.combined_count);
}

bool has_ipv6_address(const std::string& name) {
  std::FILE* file = std::fopen("/proc/self/net/if_inet6", "re");
  if (file == nullptr) return false;
  bool found = false;
  std::array<char, 64> interface{};
  while (!found && std::fscanf(file, "%*32s %*x %*x %*x %*x %63s", interface.data()) == 1)
    found = name == interface.data();
  std::fclose(file);
  return found;
}

std::string last_error() {
  return std::strerror(errno);
}

}  // namespace

bool kernel_interface_exists(const std::string& name) {
  return !name.empty() && name.size() < IFNAMSIZ && if_nametoindex(name.c_str()) != 0;
}

Result<KernelFacts> read_kernel_interface(const std::string& name) {
  if (!kernel_interface_exists(name))
    return fail("port.no-interface", name,
                "the kernel has no interface of this name in this network namespace; `ip link` lists those there are");
  Inquiry inquiry(name);
  KernelFacts facts;
  facts.name = name;
  if (!inquiry.ask(SIOCGIFMTU)) return fail("port.interface", name, "its MTU cannot be read: " + last_error());
  facts.mtu = static_cast<std::uint32_t>(inquiry.request().ifr_mtu);
  if (!inquiry.ask(SIOCGIFHWADDR)) return fail("port.interface", name, "its MAC cannot be read: " + last_error());
  std::memcpy(facts.mac.bytes.data(), inquiry.request().ifr_hwaddr.sa_data, facts.mac.bytes.size());
  const auto link = read_link_state(name);
  facts.up = link.up;
  facts.carrier = link.carrier;
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  if (inquiry.ethtool(&info)) facts.driver = info.driver;
  read_offloads(inquiry, facts);
  read_queues(inquiry, facts);
  facts.has_address = inquiry.ask(SIOCGIFADDR) || has_ipv6_address(name);
  facts.peer = peer_of_veth(name);
  return facts;
}

Result<void> set_interface_up(const std::string& name) {
  Inquiry inquiry(name);
  if (!inquiry.ask(SIOCGIFFLAGS)) return fail("port.interface", name, "its flags cannot be read: " + last_error());
  inquiry.request().ifr_flags |= IFF_UP;
  if (!inquiry.ask(SIOCSIFFLAGS))
    return fail("port.interface", name,
                fmt::format("it is down and cannot be set up: {}; run `ip link set {} up`", last_error(), name));
  return {};
}

LinkState read_link_state(const std::string& name) {
  Inquiry inquiry(name);
  LinkState state;
  if (!inquiry.ask(SIOCGIFFLAGS)) return state;
  state.exists = true;
  state.up = (inquiry.request().ifr_flags & IFF_UP) != 0;
  state.carrier = state.up && inquiry.ethtool_value(ETHTOOL_GLINK) != 0;
  return state;
}

LinkSpeed read_link_speed(const std::string& name) {
  Inquiry inquiry(name);
  ethtool_cmd settings{};
  settings.cmd = ETHTOOL_GSET;
  if (!inquiry.ethtool(&settings)) return {};
  const auto megabits = ethtool_cmd_speed(&settings);
  if (megabits == static_cast<std::uint32_t>(SPEED_UNKNOWN)) return {};
  return {megabits, settings.duplex == DUPLEX_FULL};
}

}  // namespace wardline::runtime
