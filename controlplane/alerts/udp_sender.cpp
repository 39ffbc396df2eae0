#include "controlplane/alerts/udp_sender.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "controlplane/alerts/syslog.h"

namespace wardline::alerts {

namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

// A connected socket: the address is looked up once, and a refusal of the collector comes back as an error to count.
Result<int> connect_to(const Target& target) {
  const std::string where = target.host + ":" + std::to_string(target.port);
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int rc = getaddrinfo(target.host.c_str(), std::to_string(target.port).c_str(), &hints, &found);
  if (rc != 0)
    return fail("alerts.unknown-host", where,
                std::string("the host of this alert target cannot be found: ") + gai_strerror(rc));
  const std::unique_ptr<addrinfo, FreeAddresses> list(found);
  const int descriptor = socket(list->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return fail("alerts.socket", where, std::string("no socket: ") + std::strerror(errno));
  if (connect(descriptor, list->ai_addr, list->ai_addrlen) != 0) {
    const std::string why = std::strerror(errno);
    close(descriptor);
    return fail("alerts.unreachable", where, "there is no way to this alert target: " + why);
  }
  return descriptor;
}

}  // namespace

std::unique_ptr<UdpSender> UdpSender::open(const std::vector<Target>& targets, Errors& problems) {
  std::unique_ptr<UdpSender> sender(new UdpSender);
  for (const auto& target : targets) {
    if (const auto descriptor = connect_to(target))
      sender->sockets_.push_back({*descriptor, target.header});
    else
      problems.push_back(descriptor.error());
  }
  return sender;
}

UdpSender::~UdpSender() {
  for (const auto& socket : sockets_) close(socket.descriptor);
}

void UdpSender::send(const Alert& alert, std::string_view host, inventory::WallTime time) {
  for (const auto& socket : sockets_) {
    const auto line = syslog_line(alert, socket.header, host, time);
    auto done = ::send(socket.descriptor, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    // A refusal of the datagram before this one is told now and clears itself; this one has not been sent yet.
    if (done < 0 && errno == ECONNREFUSED)
      done = ::send(socket.descriptor, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    ++(done == static_cast<ssize_t>(line.size()) ? sent_ : lost_);
  }
}

}  // namespace wardline::alerts
