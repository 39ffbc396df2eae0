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

constexpr std::uint16_t kMediaPort = 5004;    // RFC 3551
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

// What frames of both UDP workloads share: payloads and the look at what was sent.
template <typename Payload>
class UdpTraffic : public Workload {
 public:
  UdpTraffic(const WorkloadSpec& spec, Share share) : frame_(frame_for(spec)), random_(kSeed + share.queue) {}

  bool is_unharmed(Leg out, std::span<const std::byte> sent) const override {
    constexpr std::size_t kFromEtherType = 12;  // a forwarder may write MACs of its own
    const Leg from = out == Leg::kCore ? Leg::kDevice : Leg::kCore;
    Conversation who;
    PayloadWords words;
    if (!frame_.read(from, sent, who, words) || !payload_.is_one(words)) return false;
    std::array<std::byte, 1536> made;
    if (from == Leg::kDevice) {
      frame_.template write<Leg::kDevice>(made.data(), who, words);
    } else {
      frame_.template write<Leg::kCore>(made.data(), who, words);
    }
    return std::ranges::equal(sent.subspan(kFromEtherType), std::span(made).first(sent.size()).subspan(kFromEtherType));
  }

 protected:
  template <Leg leg>
  void write(std::byte* room, std::uint16_t& length, const Conversation& who) {
    frame_.template write<leg>(room, who, payload_.next(random_));
    length = frame_.length();
  }

  UdpFrame frame_;
  Payload payload_;
  Random random_;
};

// A set of flows with frames both ways, chosen at random; in warm-up order one after the other.
template <typename Payload, typename PickFlow>
class UdpFlows final : public UdpTraffic<Payload> {
 public:
  UdpFlows(const WorkloadSpec& spec, Share share, std::uint16_t peer_port)
      : UdpTraffic<Payload>(spec, share), formula_(spec, share, peer_port), pick_(formula_.flows()) {}

  void begin(RunOrder order, bool) override { order_ = order; }
  Workload::Arrival next_arrival() override {
    next_leg_ = next_leg_ == Leg::kDevice ? Leg::kCore : Leg::kDevice;
    return {next_leg_, 0};
  }

  unsigned ready(Leg leg, unsigned most) override {
    if (order_ == RunOrder::kMeasured) return most;
    // The device side speaks first, so that it is who opened the flow.
    const auto left = leg == Leg::kDevice ? formula_.flows() - asked_ : asked_ - answered_;
    return std::min(most, left);
  }

  void fill(Leg leg, std::span<std::byte* const> rooms, std::uint16_t* lengths, const std::uint64_t*) override {
    leg == Leg::kDevice ? fill_leg<Leg::kDevice>(rooms, lengths) : fill_leg<Leg::kCore>(rooms, lengths);
  }

  std::uint64_t flows() const override { return formula_.flows(); }
  std::uint64_t rounds() const override { return rounds_; }

 private:
  template <Leg leg>
  void fill_leg(std::span<std::byte* const> rooms, std::uint16_t* lengths) {
    if (order_ == RunOrder::kMeasured) {
      for (std::byte* room : rooms)
        this->template write<leg>(room, *lengths++, formula_.of(pick_.next(this->random_)));
      return;
    }
    auto& at = leg == Leg::kDevice ? asked_ : answered_;
    for (std::byte* room : rooms) this->template write<leg>(room, *lengths++, formula_.of(at++));
    if (answered_ == formula_.flows()) {
      asked_ = answered_ = 0;
      ++rounds_;
    }
  }

  FlowFormula formula_;
  PickFlow pick_;
  RunOrder order_ = RunOrder::kPaused;
  Leg next_leg_ = Leg::kCore;
  std::uint32_t asked_ = 0, answered_ = 0;
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

  void fill(Leg, std::span<std::byte* const> rooms, std::uint16_t* lengths, const std::uint64_t*) override {
    for (std::byte* room : rooms) {
      write<Leg::kDevice>(room, *lengths++, fresh());
      if (++place_ != formula_.devices()) continue;
      place_ = 0;
      ++round_;
    }
  }

  std::uint64_t flows() const override { return 0; }
  std::uint64_t rounds() const override { return round_; }  // each device had a frame

 private:
  // When a device used 2^15 ports of its own toward each peer, it goes on to the next pair of media ports.
  Conversation fresh() const {
    constexpr std::uint32_t kPortBits = 15;
    const std::uint32_t turns = round_ >> (kPortBits + peer_bits_);
    Conversation who = formula_.of(place_, round_ & ((std::uint32_t{1} << (kPortBits + peer_bits_)) - 1));
    who.peer_port = static_cast<std::uint16_t>(kMediaPort + 2 * (turns & 0x3fff));
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
