#pragma once
#include <gtest/gtest.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/dataplane/runtime/wire_rig.h"

namespace wardline::runtime {

// Runs `body` in a network namespace that ends with it; false where that is not permitted.
inline bool in_own_network(const std::function<void()>& body) {
  bool done = false;
  std::thread([&] {
    if (unshare(CLONE_NEWNET) != 0) return;
    done = true;
    body();
  }).join();
  return done;
}

inline void shell(const std::string& command) {
  ASSERT_EQ(0, std::system(command.c_str())) << command;
}

inline int raw_socket(const std::string& interface) {
  const int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
  EXPECT_EQ(0, bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address));
  return fd;
}

// What arrives at a raw socket, until `count` frames came or none came for half a second. Sent ones are left out.
inline std::vector<Bytes> received(int fd, std::size_t count) {
  timeval patience{0, 500'000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::vector<Bytes> frames;
  Bytes frame(65536);
  while (frames.size() < count) {
    sockaddr_ll from{};
    socklen_t size = sizeof from;
    const auto length = recvfrom(fd, frame.data(), frame.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (length < 0) break;
    if (from.sll_pkttype != PACKET_OUTGOING) frames.emplace_back(frame.begin(), frame.begin() + length);
  }
  return frames;
}

#define IN_OWN_NETWORK(...) \
  if (!in_own_network(__VA_ARGS__)) GTEST_SKIP() << "network namespaces are not permitted here"

}  // namespace wardline::runtime
