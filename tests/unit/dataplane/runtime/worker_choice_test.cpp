#include "dataplane/runtime/worker_choice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/packet_builder.h"

namespace wardline::runtime {
namespace {

using test::FrameBuilder;

constexpr auto kPump = "02:00:00:00:00:01", kGateway = "02:00:00:00:00:fe";

FrameBuilder frame(Side side) {
  FrameBuilder builder;
  return side == Side::kDevice ? builder.from(kPump).to(kGateway) : builder.from(kGateway).to(kPump);
}

// Of the pump toward a peer, or back.
FrameBuilder v4(Side side, const std::string& peer) {
  return side == Side::kDevice ? frame(side).ipv4("10.1.0.2", peer) : frame(side).ipv4(peer, "10.1.0.2");
}

FrameBuilder v6(Side side, const std::string& peer) {
  return side == Side::kDevice ? frame(side).ipv6("fd00::2", peer) : frame(side).ipv6(peer, "fd00::2");
}

std::uint32_t hash(const FrameBuilder& builder, Side side) {
  const auto bytes = builder.bytes();
  return device_side_hash(std::span(bytes).first(std::min(bytes.size(), kChoiceBytes)), side);
}

TEST(WorkerChoice, BothDirectionsOfAllFlowsOfADeviceMeet) {
  std::set<std::uint32_t> of_v4, of_v6;
  for (const Side side : {Side::kDevice, Side::kCore})
    for (const auto* peer : {"10.2.0.9", "192.0.2.1"}) {
      of_v4.insert(hash(v4(side, peer).udp(1000, 2000), side));
      of_v4.insert(hash(v4(side, peer).tcp(80, 443), side));
      of_v4.insert(hash(v4(side, peer).icmp(3, 1), side));
      of_v4.insert(hash(v4(side, peer).ipv4_options(test::Bytes(8)).udp(1, 2), side));
    }
  for (const Side side : {Side::kDevice, Side::kCore})
    for (const auto* peer : {"fd00::9", "2001:db8::1"}) of_v6.insert(hash(v6(side, peer).tcp(1000, 2000), side));
  EXPECT_EQ(1u, of_v4.size());
  EXPECT_EQ(1u, of_v6.size());
}

TEST(WorkerChoice, AllFragmentsMeetTheirFlow) {
  const auto flow = hash(v4(Side::kDevice, "10.2.0.9").udp(1000, 2000), Side::kDevice);
  for (const std::uint16_t offset : {0, 1480, 2960})
    EXPECT_EQ(flow, hash(v4(Side::kDevice, "10.2.0.9").udp(1, 2).fragment(offset, true), Side::kDevice)) << offset;
}

TEST(WorkerChoice, TagsAndSnapDoNotMatter) {
  const auto plain = hash(v4(Side::kCore, "10.2.0.9").udp(1, 2), Side::kCore);
  EXPECT_EQ(plain, hash(v4(Side::kCore, "10.2.0.9").udp(1, 2).vlan(410), Side::kCore));
  EXPECT_EQ(plain, hash(v4(Side::kCore, "10.2.0.9").udp(1, 2).vlan(410, 0x88a8).vlan(7), Side::kCore));
  EXPECT_EQ(plain, hash(v4(Side::kCore, "10.2.0.9").udp(1, 2).snap(), Side::kCore));
  const auto six = hash(v6(Side::kCore, "fd00::9").udp(1, 2), Side::kCore);
  EXPECT_EQ(six, hash(v6(Side::kCore, "fd00::9").udp(1, 2).vlan(410, 0x88a8).vlan(7).snap(), Side::kCore));
}

TEST(WorkerChoice, FramesWithoutAnIpHeaderGoToWorkerZero) {
  auto cut = v4(Side::kDevice, "10.2.0.9").udp(1, 2).bytes();
  cut.resize(14 + 19);
  for (const std::uint32_t hash :
       {hash(frame(Side::kDevice).arp(1, "10.1.0.2", "10.1.0.1"), Side::kDevice),
        hash(frame(Side::kDevice).ethertype(0x8892).payload("x"), Side::kDevice), device_side_hash(cut, Side::kDevice)})
    EXPECT_EQ(0, worker_of(hash, 64));
}

TEST(WorkerChoice, AnyNumberOfBytesCanBeAsked) {
  const auto whole = v6(Side::kDevice, "fd00::9").vlan(1).vlan(2).snap().udp(1, 2).bytes();
  for (std::size_t length = 0; length <= kChoiceBytes; ++length) {
    const test::Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));  // the sanitizer looks
    device_side_hash(cut, Side::kDevice);
  }
  EXPECT_EQ(hash(v6(Side::kDevice, "fd00::9"), Side::kDevice),
            device_side_hash(std::span(whole).first(kChoiceBytes), Side::kDevice));
}

// What the worker takes for IP between two addresses must be what the choice takes for it.
TEST(WorkerChoice, ReadsTheAddressThatTheWorkerReads) {
  std::mt19937 random(7);
  int ip = 0;
  for (int round = 0; round < 20'000; ++round) {
    const Side side = random() % 2 == 0 ? Side::kDevice : Side::kCore;
    auto builder = random() % 2 == 0 ? v4(side, "10.2.0.9").udp(1, 2) : v6(side, "fd00::9").tcp(1, 2);
    for (auto tags = random() % 4; tags > 0; --tags) builder.vlan(5, random() % 2 == 0 ? 0x8100 : 0x88a8);
    if (random() % 4 == 0) builder.snap();
    auto bytes = builder.bytes();
    for (auto changes = random() % 3; changes > 0; --changes)
      bytes[12 + random() % (bytes.size() - 12)] = static_cast<std::byte>(random());
    const auto view = packet::parse(bytes);
    if (view.shape != packet::Shape::kIp) continue;
    ++ip;
    const auto& address = side == Side::kDevice ? view.source : view.target;
    test::Bytes plain(view.v6 ? 54 : 34);
    plain[12] = std::byte(view.v6 ? 0x86 : 0x08), plain[13] = std::byte(view.v6 ? 0xdd : 0x00);
    const auto* from = reinterpret_cast<const std::byte*>(address.bytes.data());
    if (view.v6)
      std::copy_n(from, 16, plain.begin() + (side == Side::kDevice ? 22 : 38));
    else
      std::copy_n(from + 12, 4, plain.begin() + (side == Side::kDevice ? 26 : 30));
    ASSERT_EQ(device_side_hash(plain, side),
              device_side_hash(std::span(bytes).first(std::min(bytes.size(), kChoiceBytes)), side))
        << round;
  }
  EXPECT_GT(ip, 10'000);
}

TEST(WorkerChoice, NeighboursAreDealtOutEvenly) {
  for (const std::uint16_t workers : {2, 3, 4, 8}) {
    std::vector<int> v4_share(workers), v6_share(workers);
    for (int host = 1; host <= 240; ++host) {
      const auto number = std::to_string(host);
      ++v4_share[worker_of(hash(frame(Side::kDevice).ipv4("10.1.0." + number, "10.2.0.9"), Side::kDevice), workers)];
      ++v6_share[worker_of(hash(frame(Side::kDevice).ipv6("fd00::" + number, "fd00::9"), Side::kDevice), workers)];
    }
    for (const auto* shares : {&v4_share, &v6_share})
      for (const int share : *shares) {
        EXPECT_GT(share, 240 / workers * 2 / 3) << workers;
        EXPECT_LT(share, 240 / workers * 4 / 3 + 1) << workers;
      }
  }
}

}  // namespace
}  // namespace wardline::runtime
