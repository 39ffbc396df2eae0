#pragma once
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "controlplane/alerts/alert.h"
#include "controlplane/alerts/target.h"
#include "dataplane/error.h"

namespace wardline::alerts {

// Sends alerts to every target, one datagram each, without ever waiting: what the kernel does not take at once is lost
// and counted. Syslog over UDP promises no delivery, so `sent` means handed to the kernel.
class UdpSender {
 public:
  // Looks every host up. A target that cannot be had is left out and told in `problems`: an appliance that would not
  // start because its SIEM has no name today would cut a ward off.
  static std::unique_ptr<UdpSender> open(const std::vector<Target>& targets, Errors& problems);
  ~UdpSender();
  UdpSender(const UdpSender&) = delete;
  UdpSender& operator=(const UdpSender&) = delete;

  void send(const Alert& alert, std::string_view host, inventory::WallTime time);
  std::uint64_t sent() const { return sent_; }
  std::uint64_t lost() const { return lost_; }

 private:
  UdpSender() = default;
  struct Socket {
    int descriptor;
    SyslogHeader header;
  };
  std::vector<Socket> sockets_;
  std::uint64_t sent_ = 0, lost_ = 0;
};

}  // namespace wardline::alerts
