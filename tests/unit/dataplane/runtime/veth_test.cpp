#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "dataplane/runtime/dataplane_runtime.h"
#include "dataplane/runtime/kernel_interface.h"
#include "dataplane/runtime/veth_peer.h"
#include "tests/unit/dataplane/runtime/own_network.h"
#include "tests/unit/dataplane/runtime/wire_rig.h"

namespace wardline::runtime {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

void make_veth(const std::string& a, const std::string& b, int mtu) {
  const std::string shape = " mtu " + std::to_string(mtu) + " numtxqueues 1 numrxqueues 1 ";
  shell("ip link add " + a + shape + "type veth peer name " + b + shape);
  for (const auto& end : {a, b}) {
    shell("echo 1 > /proc/sys/net/ipv6/conf/" + end + "/disable_ipv6");
    shell("ip link set " + end + " up");
  }
}

TEST(KernelInterface, TellsWhatTheKernelKnowsOfAVeth) {
  IN_OWN_NETWORK([] {
    make_veth("wl-a", "wl-b", 1700);
    const auto facts = read_kernel_interface("wl-a");
    ASSERT_TRUE(facts) << facts.error().text();
    EXPECT_EQ("veth", facts->driver);
    EXPECT_EQ(1700u, facts->mtu);
    EXPECT_EQ(1u, facts->rx_queues);
    EXPECT_TRUE(facts->up && facts->carrier);
    EXPECT_TRUE(facts->tx_checksum) << "the default of a veth";
    EXPECT_FALSE(facts->has_address);
    EXPECT_EQ("wl-b", facts->peer);
    shell("ip addr add 192.0.2.1/24 dev wl-a");
    EXPECT_TRUE(read_kernel_interface("wl-a")->has_address);
    shell("ip link set wl-b down");
    EXPECT_TRUE(read_link_state("wl-a").up);
    EXPECT_FALSE(read_link_state("wl-a").carrier);
    EXPECT_FALSE(read_kernel_interface("wl-c"));
    EXPECT_FALSE(read_link_state("wl-c").exists);
  });
}

TEST(KernelInterface, TellsWhatALinkRunsAt) {
  IN_OWN_NETWORK([] {
    make_veth("wl-a", "wl-b", 1500);
    EXPECT_EQ((LinkSpeed{10'000, true}), read_link_speed("wl-a"));
    EXPECT_EQ(LinkSpeed{}, read_link_speed("lo")) << "it has none";
    EXPECT_EQ(LinkSpeed{}, read_link_speed("wl-c"));
  });
}

// The driver of the smaller leg copies a frame into a buffer of its own size without a look at its length.
TEST(VethPorts, AFrameLargerThanTheTwinsMtuIsDroppedAsOversize) {
  IN_OWN_NETWORK([] {
    make_veth("wl-dev", "wl-ward", 9000);
    make_veth("wl-cor", "wl-srv", 1500);
    RuntimeOptions options;
    options.huge_pages = HugePages::kOff;
    PairOptions pair;
    pair.name = "east";
    pair.device.spec = "wl-dev";
    pair.core.spec = "wl-cor";
    options.bundles.push_back({.name = "wire", .pairs = {pair}});
    auto opened = DataplaneRuntime::open(options);
    ASSERT_TRUE(opened) << opened.error().front().text();
    auto& runtime = **opened;
    EXPECT_EQ("af_packet", runtime.legs()[0].driver);
    std::string said;
    for (const auto& notice : runtime.take_notices()) said += notice.line() + "\n";
    EXPECT_THAT(said, HasSubstr("the MTU here is 9000"));
    EXPECT_THAT(said, HasSubstr("east: the MTUs of its legs differ: 9000 on the device leg, 1500 on the core leg"));
    EXPECT_THAT(said, HasSubstr("`ethtool -K wl-ward tx off tso off gso off`"));
    ASSERT_TRUE(runtime.start_bypass());
    const int ward = raw_socket("wl-ward");
    for (const std::size_t length : {9014, 1515, 1514})
      EXPECT_EQ(static_cast<ssize_t>(length), send(ward, frame_of(length).data(), length, 0));
    const auto& counters = runtime.counters(0);
    for (int i = 0; i < 200 && counters.received.read() < 3; ++i) std::this_thread::sleep_for(10ms);
    const auto stopped = runtime.stop();
    EXPECT_TRUE(stopped) << stopped.error().text();
    close(ward);
    EXPECT_EQ(2u, counters.dropped[static_cast<std::size_t>(Reason::kOversize)].read());
    EXPECT_EQ(counters.received.read() - 2, counters.forwarded.read());
  });
}

TEST(VethPorts, ALinkThatGoesAwayIsToldAndComesBack) {
  IN_OWN_NETWORK([] {
    make_veth("wl-dev", "wl-ward", 1500);
    make_veth("wl-cor", "wl-srv", 1500);
    RuntimeOptions options;
    options.huge_pages = HugePages::kOff;
    PairOptions pair;
    pair.name = "east";
    pair.device = {.spec = "wl-dev", .driver = DriverChoice::kAfPacket};
    pair.core = {.spec = "wl-cor", .driver = DriverChoice::kAfPacket};
    options.bundles.push_back({.name = "wire", .pairs = {pair}});
    auto opened = DataplaneRuntime::open(options);
    ASSERT_TRUE(opened) << opened.error().front().text();
    (*opened)->take_notices();
    const auto becomes = [&](bool up) {
      for (int i = 0; i < 200 && (*opened)->legs()[1].up != up; ++i) std::this_thread::sleep_for(10ms);
      return (*opened)->legs()[1].up == up;
    };
    shell("ip link set wl-srv down");
    EXPECT_TRUE(becomes(false));
    shell("ip link set wl-srv up");
    EXPECT_TRUE(becomes(true));
    std::this_thread::sleep_for(50ms);
    const auto notices = (*opened)->take_notices();
    ASSERT_EQ(2u, notices.size());
    EXPECT_EQ("east/core (wl-cor): the link is gone: frames toward it are dropped as `tx_error`", notices[0].line());
    EXPECT_EQ("east/core (wl-cor): the link is there again", notices[1].line());
  });
}

}  // namespace
}  // namespace wardline::runtime
