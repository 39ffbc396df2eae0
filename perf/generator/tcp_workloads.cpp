#include "perf/generator/tcp_workloads.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "perf/generator/exchange.h"
#include "perf/generator/flow_formula.h"
#include "perf/generator/pick.h"
#include "perf/generator/random.h"
#include "perf/generator/tcp_frame.h"

namespace wardline::perf {
namespace {

constexpr std::uint64_t kSeed = 502;

struct Message {
  std::array<std::byte, 256> bytes{};
  std::size_t size = 0;
  std::uint32_t sum = 0;

  std::span<const std::byte> span() const { return {bytes.data(), size}; }
};

Message message(std::initializer_list<int> bytes) {
  Message made;
  for (const int byte : bytes) made.bytes[made.size++] = static_cast<std::byte>(byte);
  made.sum = fold(sum_of(made.bytes.data(), made.size));
  return made;
}

// Where a conversation stands: what each side sends next.
struct Numbers {
  std::uint32_t client = 0, server = 0;
};

// Modbus/TCP: reads of one holding register and their answers. The server is the device. The transaction's number is
// taken from the request's sequence number, so an answer knows it.
class Modbus {
 public:
  static constexpr std::uint32_t kPeer = 0x0a32'020a;  // 10.50.2.10, a building server of the shipped policy
  static constexpr std::uint16_t kServerPort = 502;
  static constexpr bool kDeviceIsClient = false, kAtRandom = false;

  Message of(bool client, std::uint64_t, const Numbers& numbers) const {
    Message made = client ? request_ : answer_;
    const std::uint32_t request = client ? numbers.client : numbers.client - static_cast<std::uint32_t>(request_.size);
    const auto number = static_cast<std::uint16_t>(request);
    std::memcpy(made.bytes.data(), &number, sizeof number);
    made.sum += number;
    return made;
  }

 private:
  Message request_ = message({0, 0, 0, 0, 0, 6, 1, 3, 0, 0x10, 0, 1});
  Message answer_ = message({0, 0, 0, 0, 0, 5, 1, 3, 2, 0, 0x15});
};

// DICOM: an association, and then ten bytes of one endless image in a segment, each acknowledged. The shipped policy
// allows it and looks for nothing more in it (`classify_only`), so the flow is settled when it is proved.
class Images {
 public:
  static constexpr std::uint32_t kPeer = 0x0a1e'0114;  // 10.30.1.20, the archive of the shipped policy
  static constexpr std::uint16_t kServerPort = 104;
  static constexpr bool kDeviceIsClient = true, kAtRandom = true;

  const Message& of(bool client, std::uint64_t event, const Numbers&) const {
    constexpr std::uint64_t kFirst = Exchange::kAckEvent + 1;  // of the client; the server's is one before
    if (client) return event == kFirst ? request_ : event == kFirst + 1 ? head_ : image_;
    return event == Exchange::kSynAckEvent + 1 ? acceptance_ : nothing_;
  }

 private:
  static Message associate(int type, std::initializer_list<int> last_item) {
    Message made = message({type, 0, 0, 0, 0, 0, 0, 1, 0, 0});
    const auto add = [&](std::string_view text) {
      for (const char letter : text) made.bytes[made.size++] = static_cast<std::byte>(letter);
    };
    const auto add_item = [&](int kind, std::string_view text) {
      for (const int byte : {kind, 0, 0, static_cast<int>(text.size())})
        made.bytes[made.size++] = static_cast<std::byte>(byte);
      add(text);
    };
    add("ARCHIVE         SCANNER         ");
    made.size += 32;  // reserved
    add_item(0x10, "1.2.840.10008.3.1.1.1");
    for (const int byte : last_item) made.bytes[made.size++] = static_cast<std::byte>(byte);
    if (type == 1) add_item(0x30, "1.2.840.10008.1.1");
    add_item(0x40, "1.2.840.10008.1.2");
    for (const int byte : {0x50, 0, 0, 8, 0x51, 0, 0, 4, 0, 0, 0x40, 0})
      made.bytes[made.size++] = static_cast<std::byte>(byte);
    made.bytes[5] = static_cast<std::byte>(made.size - 6);
    made.sum = fold(sum_of(made.bytes.data(), made.size));
    return made;
  }

  Message request_ = associate(1, {0x20, 0, 0, 46, 1, 0, 0, 0});
  Message acceptance_ = associate(2, {0x21, 0, 0, 25, 1, 0, 0, 0});
  Message head_ = message({4, 0, 0x7f, 0xff, 0xff, 0xfe, 0x7f, 0xff, 0xff, 0xfa});
  Message image_ = message({0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80, 0x90, 0xa0});
  Message nothing_{};
};

template <typename Application>
class TcpFlows final : public Workload {
 public:
  TcpFlows(const WorkloadSpec& spec, Share share)
      : formula_(spec, share, Application::kServerPort),
        exchange_(formula_.devices(), formula_.rounds()),
        pick_(formula_.devices(), formula_.rounds()),
        frame_(Application::kPeer, spec.vlan),
        random_(kSeed + share.queue),
        numbers_(formula_.flows()) {
    for (auto& numbers : numbers_) {
      const auto first = random_.next();
      numbers = {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(first >> 32)};
    }
  }

  void begin(RunOrder order, bool) override { order_ = order; }

  Arrival next_arrival() override {
    next_leg_ = next_leg_ == Leg::kDevice ? Leg::kCore : Leg::kDevice;
    return {next_leg_, 0};
  }

  unsigned ready(Leg leg, unsigned most) override {
    return picks() ? most : std::min(most, exchange_.ready(is_client(leg)));
  }

  void fill(Leg leg, std::span<std::byte* const> rooms, std::uint16_t* lengths, std::uint64_t*) override {
    if (picks()) {
      fill_picked(leg, rooms, lengths);
      return;
    }
    const bool client = is_client(leg);
    for (std::byte* room : rooms) {
      const auto turn = exchange_.turn(client);
      *lengths++ = write(room, leg, turn.place, turn.round, turn.event);
      exchange_.advance(client);
    }
  }

  bool is_unharmed(Leg out, std::span<const std::byte> sent, std::uint64_t) const override {
    return frame_.is_unharmed(out == Leg::kCore ? Leg::kDevice : Leg::kCore, sent);
  }

  std::uint64_t flows() const override { return formula_.flows(); }
  std::uint64_t rounds() const override { return exchange_.rounds(); }

 private:
  static bool is_client(Leg leg) { return (leg == Leg::kDevice) == Application::kDeviceIsClient; }

  // Any flow may come next, once all connections stand and are proved.
  bool picks() const { return Application::kAtRandom && order_ == RunOrder::kMeasured && exchange_.rounds() >= 2; }

  void fill_picked(Leg leg, std::span<std::byte* const> rooms, std::uint16_t* lengths) {
    Burst::Each<std::uint32_t> places, rounds;
    for (std::size_t i = 0; i < rooms.size(); ++i) {
      if (i % Burst::kMost == 0) pick_.next(random_, places, rounds);
      const auto event = exchange_.turn(is_client(leg)).event;
      lengths[i] = write(rooms[i], leg, places[i % Burst::kMost], rounds[i % Burst::kMost], event);
    }
  }

  Segment segment_of(std::uint32_t place, std::uint32_t round) const {
    const auto who = formula_.of(place, round);
    Segment segment{.device = who.device, .device_port = who.device_port, .peer_port = who.peer_port};
    if (!Application::kDeviceIsClient) std::swap(segment.device_port, segment.peer_port);
    return segment;
  }

  std::uint16_t write(std::byte* room, Leg leg, std::uint32_t place, std::uint32_t round, std::uint64_t event) {
    const bool client = is_client(leg);
    auto& numbers = numbers_[round * formula_.devices() + place];
    auto& mine = client ? numbers.client : numbers.server;
    Segment segment = segment_of(place, round);
    segment.sequence = mine;
    segment.acknowledgement = client ? numbers.server : numbers.client;
    if (event == 0 || (client && event == Exchange::kAckEvent)) {
      const bool syn = event == 0;
      segment.flags = static_cast<std::uint8_t>((syn ? kSyn : 0) | (syn && client ? 0 : kAck));
      if (syn && client) segment.acknowledgement = 0;
      mine += syn ? 1 : 0;
      return frame_.write(room, leg, segment, {}, 0);
    }
    const Message& sent = application_.of(client, event, numbers);
    if (sent.size != 0) segment.flags |= kPush;
    mine += static_cast<std::uint32_t>(sent.size);
    return frame_.write(room, leg, segment, sent.span(), sent.sum);
  }

  Application application_;
  FlowFormula formula_;
  Exchange exchange_;
  UniformPick pick_;
  TcpFrame frame_;
  Random random_;
  std::vector<Numbers> numbers_;
  RunOrder order_ = RunOrder::kPaused;
  Leg next_leg_ = Leg::kCore;
};

}  // namespace

std::unique_ptr<Workload> make_tcp_workload(const WorkloadSpec& spec, Share share) {
  if (spec.kind == Kind::kModbus) return std::make_unique<TcpFlows<Modbus>>(spec, share);
  return std::make_unique<TcpFlows<Images>>(spec, share);
}

}  // namespace wardline::perf
