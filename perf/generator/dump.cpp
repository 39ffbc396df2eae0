// dump WORKLOAD FRAMES OUT.pcap [warm-up|measured]: the first frames that a forwarder would get, leg by leg in bursts
// of 32, as a capture. For Wireshark, and for whoever wants a workload without DPDK.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>

#include "perf/generator/lane.h"

namespace {

using namespace wardline::perf;

constexpr std::size_t kBurst = 32, kRoom = 2048;

struct Capture {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{nullptr, std::fclose};
  std::uint32_t frames = 0;

  template <typename Value>
  void put(const Value& value) {
    std::fwrite(&value, sizeof value, 1, file.get());
  }

  void begin() {
    constexpr std::uint32_t kMicroseconds = 0xa1b2c3d4, kVersion = 4 << 16 | 2, kSnap = 65535, kEthernet = 1;
    put(std::array<std::uint32_t, 6>{kMicroseconds, kVersion, 0, 0, kSnap, kEthernet});
  }

  // A frame every ten microseconds.
  void add(const std::byte* frame, std::uint16_t length) {
    put(std::array<std::uint32_t, 4>{frames / 100'000, frames % 100'000 * 10, length, length});
    std::fwrite(frame, 1, length, file.get());
    ++frames;
  }
};

std::uint32_t dump(Lane& lane, Capture& capture, std::uint32_t wanted) {
  static std::array<std::array<std::byte, kRoom>, kBurst> buffers;
  std::array<std::byte*, kBurst> rooms;
  std::ranges::transform(buffers, rooms.begin(), [](auto& buffer) { return buffer.data(); });
  std::array<std::uint16_t, kBurst> lengths;
  std::array<Lane::Mark, kBurst> marks;
  for (unsigned idle = 0; capture.frames < wanted && idle < 4; ++idle)
    for (const Leg leg : {Leg::kDevice, Leg::kCore}) {
      const auto most = std::min<std::size_t>(kBurst, wanted - capture.frames);
      const unsigned count = lane.poll(leg, static_cast<unsigned>(most), [] { return std::uint64_t{0}; });
      if (count == 0) continue;
      idle = 0;
      lane.deliver(leg, std::span(rooms).first(count), lengths.data(), marks.data());
      for (unsigned i = 0; i < count; ++i) {
        if (!lane.check(leg == Leg::kDevice ? Leg::kCore : Leg::kDevice, {rooms[i], lengths[i]}, marks[i].item))
          std::fprintf(stderr, "dump: frame %u is not what the workload takes for its own\n", capture.frames);
        capture.add(rooms[i], lengths[i]);
      }
    }
  return capture.frames;
}

}  // namespace

int main(int count, char** words) {
  std::uint32_t wanted = 0;
  if (count < 4 || count > 5 ||
      std::from_chars(words[2], words[2] + std::strlen(words[2]), wanted).ec != std::errc()) {
    std::fputs("usage: dump WORKLOAD FRAMES OUT.pcap [warm-up|measured]\n", stderr);
    return 2;
  }
  auto workload = make_workload(words[1], {});
  if (!workload) {
    std::fprintf(stderr, "dump: %s\n", workload.error().c_str());
    return 2;
  }
  static Board board;
  const bool warm_up = count == 5 && std::strcmp(words[4], "warm-up") == 0;
  board.header.orders.run = static_cast<std::uint64_t>(warm_up ? RunOrder::kWarmUp : RunOrder::kMeasured);
  board.header.orders.tx_check = 1;
  Lane lane(std::move(*workload), board.header.orders, board.queues[0].board, 1, 1);
  Capture capture;
  capture.file.reset(std::fopen(words[3], "wb"));
  if (!capture.file) {
    std::perror(words[3]);
    return 1;
  }
  capture.begin();
  return dump(lane, capture, wanted) == wanted ? 0 : 1;
}
