#include "perf/generator/udp_workloads.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "perf/generator/flow_formula.h"
#include "perf/generator/payload.h"
#include "perf/generator/pick.h"
#include "perf/generator/random.h"
#include "perf/generator/udp_frame.h"

namespace wardline::perf {
namespace {

constexpr std::uint16_t kMediaPort = 5004;     // RFC 3551
constexpr std::uint16_t kNobodysPort = 40000;  // registered for nothing
constexpr std::uint64_t kSeed = 20'22;

std::vector<std::byte> tail_for(const WorkloadSpec& spec) {
  Random random(kSeed);
  std::vector<std::byte> tail(spec.size - UdpFrame::kWordsEnd);
  for (auto& byte : tail) byte = static_cast<std::byte>(random.next());
  return tail;
}

UdpFrame frame_for(const WorkloadSpec& spec) {
  return {spec.size, spec.vlan, tail_for(spec)};
}

// What frames of all UDP workloads share: payloads and the look at what was sent.
template <typename Payload>
class UdpTraffic : public Workload {
 public:
  UdpTraffic(const WorkloadSpec& spec, Share share) : frame_(frame_for(spec)), random_(kSeed + share.queue) {}

  bool is_unharmed(Leg out, std::span<const std::byte> sent, std::uint64_t) const override {
    constexpr std::size_t kFromEtherType = 12;  // a forwarder may write MACs of its own
    const Leg from = out == Leg::kCore ? Leg::kDevice : Leg::kCore;
    Burst found{};
    if (!frame_.read(from, sent, found) || !payload_.is_in(found)) return false;
    found.payload_sum[0] = payload_sum(found, 0);
    std::array<std::byte, 1536> made;
    const std::array<std::byte*, 1> room{made.data()};
    write(from, room, found);
    return std::ranges::equal(sent.subspan(kFromEtherType), std::span(made).first(sent.size()).subspan(kFromEtherType));
  }

 protected:
  // `name(i)` names the conversations of a burst.
  template <typename Name>
  void fill_with(Leg leg, std::span<std::byte* const> rooms, std::uint16_t* lengths, Name name) {
    for (; !rooms.empty(); rooms = rooms.subspan(std::min(rooms.size(), Burst::kMost))) {
      const auto some = rooms.first(std::min(rooms.size(), Burst::kMost));
      name(burst_, some.size());
      payload_.put_into(burst_, random_);
      write(leg, some, burst_);
      lengths = std::fill_n(lengths, some.size(), frame_.length());
    }
  }

  Random& random() { return random_; }

 private:
  void write(Leg leg, std::span<std::byte* const> rooms, const Burst& frames) const {
    leg == Leg::kDevice ? frame_.write<Leg::kDevice>(rooms, frames) : frame_.write<Leg::kCore>(rooms, frames);
  }

  UdpFrame frame_;
  Payload payload_;
  Random random_;
  Burst burst_{};  // what lies beyond the frames of a call is of an earlier one, and not used
};

// A set of flows with frames both ways, chosen at random; in warm-up order one after the other.
template <typename Payload, typename PickFlow>
class UdpFlows final : public UdpTraffic<Payload> {
 public:
  UdpFlows(const WorkloadSpec& spec, Share share, std::uint16_t peer_port)
      : UdpTraffic<Payload>(spec, share),
        formula_(spec, share, peer_port),
        pick_(formula_.devices(), formula_.rounds()) {}

  void begin(RunOrder order, bool) override { order_ = order; }
  Workload::Arrival next_arrival() override {
    next_leg_ = next_leg_ == Leg::kDevice ? Leg::kCore : Leg::kDevice;
    return {next_leg_, 0};
  }

  unsigned ready(Leg leg, unsigned most) override {
    if (order_ == RunOrder::kMeasured) return most;
    // The device side speaks first, so that it is who opened the flow.
    const auto left = leg == Leg::kDevice ? formula_.flows() - asked_.count : asked_.count - answered_.count;
    return std::min(most, left);
  }

  void fill(Leg leg, std::span<std::byte* const> rooms, std::uint16_t* lengths, std::uint64_t*) override {
    if (order_ == RunOrder::kMeasured) {
      this->fill_with(leg, rooms, lengths, [&](Burst& frames, std::size_t) { pick(frames); });
      return;
    }
    auto& turn = leg == Leg::kDevice ? asked_ : answered_;
    this->fill_with(leg, rooms, lengths, [&](Burst& frames, std::size_t count) { take_in_turn(turn, frames, count); });
    if (answered_.count != formula_.flows()) return;
    asked_ = answered_ = {};
    ++rounds_;
  }

  std::uint64_t flows() const override { return formula_.flows(); }
  std::uint64_t rounds() const override { return rounds_; }

 private:
  struct Turn {
    std::uint32_t count = 0, place = 0, round = 0;
  };

  void pick(Burst& frames) {
    alignas(32) Burst::Each<std::uint32_t> places, rounds;
    pick_.next(this->random(), places, rounds);
    for (std::size_t i = 0; i < Burst::kMost; ++i) frames.set(i, formula_.of(places[i], rounds[i]));
  }

  void take_in_turn(Turn& turn, Burst& frames, std::size_t count) const {
    for (std::size_t i = 0; i < count; ++i) {
      frames.set(i, formula_.of(turn.place, turn.round));
      ++turn.count;
      if (++turn.place != formula_.devices()) continue;
      turn.place = 0;
      ++turn.round;
    }
  }

  FlowFormula formula_;
  PickFlow pick_;
  RunOrder order_ = RunOrder::kPaused;
  Leg next_leg_ = Leg::kCore;
  Turn asked_, answered_;
  std::uint64_t rounds_ = 0;
};

// Every frame opens a flow that was not there before; nobody answers.
class NewUdpFlows final : public UdpTraffic<RtpPayload> {
 public:
  NewUdpFlows(const WorkloadSpec& spec, Share share)
      : UdpTraffic(spec, share), formula_(spec, share, kMediaPort), peer_bits_(std::countr_zero(spec.peers)) {}

  void begin(RunOrder, bool) override {}
  Arrival next_arrival() override { return {Leg::kDevice, 0}; }
  unsigned ready(Leg leg, unsigned most) override { return leg == Leg::kDevice ? most : 0; }

  void fill(Leg leg, std::span<std::byte* const> rooms, std::uint16_t* lengths, std::uint64_t*) override {
    fill_with(leg, rooms, lengths, [&](Burst& frames, std::size_t count) {
      for (std::size_t i = 0; i < count; ++i) frames.set(i, next());
    });
  }

  std::uint64_t flows() const override { return 0; }
  std::uint64_t rounds() const override { return round_; }  // each device had a frame

 private:
  // When a device used 2^15 ports of its own toward each peer, it goes on to the next pair of media ports.
  Conversation next() {
    constexpr std::uint32_t kPortBits = 15;
    const std::uint32_t bits = kPortBits + peer_bits_;
    Conversation who = formula_.of(place_, round_ & ((std::uint32_t{1} << bits) - 1));
    who.peer_port = static_cast<std::uint16_t>(kMediaPort + 2 * (round_ >> bits & 0x3fff));
    if (++place_ == formula_.devices()) {
      place_ = 0;
      ++round_;
    }
    return who;
  }

  FlowFormula formula_;
  std::uint32_t peer_bits_;
  std::uint32_t place_ = 0, round_ = 0;
};

template <typename Payload>
std::unique_ptr<Workload> make_flows(const WorkloadSpec& spec, Share share, std::uint16_t peer_port) {
  if (spec.pick == Pick::kZipf) return std::make_unique<UdpFlows<Payload, ZipfPick>>(spec, share, peer_port);
  return std::make_unique<UdpFlows<Payload, UniformPick>>(spec, share, peer_port);
}

}  // namespace

std::unique_ptr<Workload> make_udp_workload(const WorkloadSpec& spec, Share share) {
  if (spec.kind == Kind::kNewUdp) return std::make_unique<NewUdpFlows>(spec, share);
  if (spec.kind == Kind::kScan) return make_flows<RandomPayload>(spec, share, kNobodysPort);
  return make_flows<RtpPayload>(spec, share, kMediaPort);
}

}  // namespace wardline::perf
