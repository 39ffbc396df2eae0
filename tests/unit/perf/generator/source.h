#pragma once
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/packet/packet_view.h"
#include "perf/generator/workload.h"

namespace wardline::perf {

// A workload and what it gives, as a forwarder sees it: bursts of 32, first the device leg's, then the core leg's.
class Source {
 public:
  struct Sent {
    Leg from;
    std::vector<std::byte> bytes;
    std::uint64_t item;

    packet::PacketView view() const { return packet::parse(bytes); }
  };

  explicit Source(const std::string& spec, RunOrder order = RunOrder::kMeasured, Share share = {}) {
    auto made = make_workload(spec, share);
    EXPECT_TRUE(made) << made.error();
    if (!made) return;
    workload_ = std::move(*made);
    workload_->begin(order, false);
  }

  Workload& operator*() { return *workload_; }
  Workload* operator->() { return workload_.get(); }

  std::vector<Sent> burst(Leg leg, unsigned most = kMost) {
    std::vector<Sent> sent;
    const unsigned count = workload_->ready(leg, most);
    std::array<std::array<std::byte, 2048>, kMost> buffers;
    std::array<std::byte*, kMost> rooms;
    for (std::size_t i = 0; i < kMost; ++i) rooms[i] = buffers[i].data();
    std::array<std::uint16_t, kMost> lengths;
    std::array<std::uint64_t, kMost> items{};
    if (count != 0) workload_->fill(leg, std::span(rooms).first(count), lengths.data(), items.data());
    for (unsigned i = 0; i < count; ++i) sent.push_back({leg, {rooms[i], rooms[i] + lengths[i]}, items[i]});
    return sent;
  }

  // At least `frames` of them.
  std::vector<Sent> take(std::size_t frames) {
    std::vector<Sent> all;
    for (unsigned idle = 0; all.size() < frames && idle < 4; ++idle)
      for (const Leg leg : {Leg::kDevice, Leg::kCore}) {
        auto some = burst(leg);
        if (!some.empty()) idle = 0;
        std::ranges::move(some, std::back_inserter(all));
      }
    EXPECT_GE(all.size(), frames) << "the workload stands still";
    return all;
  }

 private:
  static constexpr unsigned kMost = 32;
  std::unique_ptr<Workload> workload_;
};

inline Leg other(Leg leg) {
  return leg == Leg::kDevice ? Leg::kCore : Leg::kDevice;
}

inline bool has_right_checksums(const Source::Sent& frame) {
  const auto view = frame.view();
  return view.shape == packet::Shape::kIp && !view.odd && packet::checksum_holds(view, frame.bytes);
}

}  // namespace wardline::perf
