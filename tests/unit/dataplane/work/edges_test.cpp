// A settled connection's end and the beginning of the next one on its ports are followed, also where they come in one
// burst with segments that take the settled way.
#include <gtest/gtest.h>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using Words = PolicyWords;

constexpr auto kTvMac = "02:00:00:00:00:20", kRouter = "02:00:00:00:00:fe";
constexpr std::uint8_t kSynAck = packet::kSyn | packet::kAck, kFinAck = packet::kFin | packet::kAck;

struct Network {
  bool v6;
  const char *tv, *server;
};

class Edges : public testing::TestWithParam<Network> {
 protected:
  using Sent = std::pair<Bytes, Side>;

  static Words ward() {
    Words words;
    words.rules(Words::kTv, {{.apps = {Words::kAlpha}, .port = 80}});
    words.device_class(Words::kTv).inspect_bytes = 0;  // settled as soon as it is answered
    return words;
  }
  Edges() {
    rig_.add_device(kTvMac, Words::kTv);
    burst({client(packet::kSyn), server(kSynAck), client(packet::kAck), client(packet::kAck, "ALPHA")});
    burst({server(packet::kAck, "ALPHA"), client(packet::kAck)});
  }

  Sent client(std::uint8_t flags, std::string_view text = "") { return segment(true, flags, text); }
  Sent server(std::uint8_t flags, std::string_view text = "") { return segment(false, flags, text); }
  Sent segment(bool by_client, std::uint8_t flags, std::string_view text) {
    const auto [v6, tv, server] = GetParam();
    const char *from = by_client ? tv : server, *to = by_client ? server : tv;
    auto built = frame().from(by_client ? kTvMac : kRouter).to(by_client ? kRouter : kTvMac);
    (v6 ? built.ipv6(from, to) : built.ipv4(from, to)).tcp(by_client ? 40000 : 80, by_client ? 80 : 40000);
    auto& own = next_[by_client ? 0 : 1];
    built.flags(flags).sequence(own).payload(text);
    if ((flags & packet::kAck) != 0) built.acknowledgement(next_[by_client ? 1 : 0]);
    own += static_cast<std::uint32_t>(text.size()) + ((flags & (packet::kSyn | packet::kFin)) != 0 ? 1 : 0);
    return {built.bytes(), by_client ? Side::kDevice : Side::kCore};
  }
  void burst(const std::vector<Sent>& frames) {
    for (const Reason reason : rig_.burst(frames)) EXPECT_EQ(reason, Reason::kNone);
  }
  std::uint64_t created() { return rig_.worker().counters().of(Tally::kFlowsCreated); }

  std::uint32_t next_[2] = {1000, 5000};
  Rig rig_{ward()};
};

TEST_P(Edges, AConnectionAfterFinsIsANewOne) {
  burst({client(packet::kAck, "a"), client(kFinAck), server(packet::kAck, "b"), server(kFinAck), client(packet::kAck)});
  EXPECT_EQ(created(), 1U);
  next_[0] = 900'000;
  burst({client(packet::kSyn)});
  EXPECT_EQ(created(), 2U) << "the verdict of the ended connection is not lent to it";
}

TEST_P(Edges, ASynOnALivingConnectionBeginsNoNewOne) {
  burst({client(packet::kAck, "a"), client(packet::kSyn), server(packet::kAck, "b")});
  EXPECT_EQ(created(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Families, Edges,
                         testing::Values(Network{false, "10.1.0.20", "10.9.0.1"},
                                         Network{true, "fd00:1::20", "fd00:9::1"}),
                         [](const auto& info) { return info.param.v6 ? "IPv6" : "IPv4"; });

}  // namespace
}  // namespace wardline::test
