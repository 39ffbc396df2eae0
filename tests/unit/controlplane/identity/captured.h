#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/events.h"
#include "dataplane/packet/packet_view.h"

namespace wardline::identity::test {

// One Ethernet frame of a capture.
using FrameBytes = std::vector<std::byte>;

// The frames of a capture below the folder of shared test data, in order. nullopt when the data is not there: skip.
std::optional<std::vector<FrameBytes>> frames_of(const std::string& name);

// As a worker would have copied it, coming in by `side`.
FrameCopy copy_of(const FrameBytes& frame, Side side);

// The first bytes that `sender` (an IPv4 address) sent over TCP from or to `port`, in order, of the first flow.
FrameCopy first_bytes_of(const std::vector<FrameBytes>& frames, const std::string& sender, std::uint16_t port);

// The datagrams that `sender` sent from or to `port` over UDP, each as a worker would have copied it.
std::vector<FrameCopy> datagrams_of(const std::vector<FrameBytes>& frames, const Mac& sender, std::uint16_t port);
// What `sender` sent over UDP from or to `port`, a copy for each datagram.
std::vector<FrameCopy> datagrams_of(const std::vector<FrameBytes>& frames, const std::string& sender,
                                    std::uint16_t port);

// First bytes from the device, made by hand.
FrameCopy first_bytes(const std::string& bytes);

}  // namespace wardline::identity::test

// In a test's body: the frames, or the test is skipped where the shared captures are absent.
#define WARDLINE_FRAMES_OR_SKIP(frames, name)                                                \
  const auto frames##_read = wardline::identity::test::frames_of(name);                      \
  if (!frames##_read) GTEST_SKIP() << "the shared captures are absent: set WARDLINE_SHARED"; \
  const auto& frames = *frames##_read
