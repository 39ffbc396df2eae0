// Several workers on ports that cannot spread frames, threads and all.
#include <gmock/gmock.h>

#include <map>
#include <random>

#include "dataplane/runtime/dataplane_runtime.h"
#include "tests/unit/dataplane/runtime/distribution_rig.h"
#include "tests/unit/dataplane/runtime/own_network.h"
#include "tests/unit/dataplane/runtime/port_fixtures.h"

namespace wardline::runtime {
namespace {

using testing::HasSubstr;

// Frames of 13 devices by one leg, in a random mix; less than one worker's queue holds, so that none can be lost.
std::vector<Bytes> mix(Side side, unsigned seed, std::size_t count = 1500) {
  std::mt19937 random(seed);
  std::map<std::uint32_t, std::uint32_t> numbers;
  std::vector<Bytes> frames;
  while (frames.size() < count) {
    const std::uint32_t device = 0x0a010000u + random() % 13;
    frames.push_back(ip_frame({side, device, ++numbers[device]}, 60 + random() % 300));
  }
  return frames;
}

// By device, in the order of `frames`.
std::map<std::uint32_t, std::vector<Bytes>> by_device(const std::vector<Bytes>& frames) {
  std::map<std::uint32_t, std::vector<Bytes>> devices;
  for (const auto& frame : frames) devices[read_ip_frame(frame).device].push_back(frame);
  return devices;
}

struct Wire {
  std::vector<JudgingProcessor> processors;
  std::unique_ptr<DataplaneRuntime> runtime;

  explicit Wire(RuntimeOptions options, std::uint16_t workers) : processors(workers) {
    options.bundles[0].workers = workers;
    auto opened = DataplaneRuntime::open(options);
    EXPECT_TRUE(opened) << opened.error().front().text();
    if (!opened) return;
    runtime = std::move(*opened);
    std::vector<FrameProcessor*> list;
    for (auto& processor : processors) list.push_back(&processor);
    EXPECT_TRUE(runtime->start(list));
  }
  std::uint64_t forwarded() const { return books_of(processors).forwarded; }
  void stop() const {
    const auto stopped = runtime->stop();
    EXPECT_TRUE(stopped) << stopped.error().text();
  }
  void expect_each_device_has_one_worker() const {
    for (std::size_t worker = 0; worker < processors.size(); ++worker) {
      EXPECT_FALSE(processors[worker].seen.empty()) << worker;
      for (const auto& frame : processors[worker].seen)
        EXPECT_EQ(worker, worker_of(hash_of_device(frame.device), static_cast<std::uint16_t>(processors.size())));
    }
  }
};

TEST(SeveralWorkers, ShareACaptureByDevice) {
  const TempFolder folder;
  const auto file = [&](const char* name) { return (folder.path / name).string(); };
  const auto up = mix(Side::kDevice, 1), down = mix(Side::kCore, 2);
  write_pcap(file("lan.pcap"), up);
  write_pcap(file("wan.pcap"), down);
  const Wire wire(one_pair("net_pcap0,rx_pcap=" + file("lan.pcap") + ",tx_pcap=" + file("to-lan.pcap"),
                           "net_pcap1,rx_pcap=" + file("wan.pcap") + ",tx_pcap=" + file("to-wan.pcap")),
                  3);
  ASSERT_TRUE(wire.runtime);
  EXPECT_EQ(3u, wire.runtime->lanes().size());
  EXPECT_TRUE(soon([&] { return wire.forwarded() == up.size() + down.size(); }));
  wire.stop();
  EXPECT_EQ(by_device(up), by_device(read_pcap(file("to-wan.pcap"))));
  EXPECT_EQ(by_device(down), by_device(read_pcap(file("to-lan.pcap"))));
  EXPECT_TRUE(books_of(wire.processors).balance());
  wire.expect_each_device_has_one_worker();
}

// Names of ring ports whose wire is in the hand of the test.
std::pair<std::string, std::string> names_of(WireRig& rig) {
  char lan[RTE_ETH_NAME_MAX_LEN], wan[RTE_ETH_NAME_MAX_LEN];
  EXPECT_EQ(0, rte_eth_dev_get_name_by_port(rig.lan().number(), lan));
  EXPECT_EQ(0, rte_eth_dev_get_name_by_port(rig.wan().number(), wan));
  rte_eth_dev_stop(rig.lan().number());
  rte_eth_dev_stop(rig.wan().number());
  return {lan, wan};
}

class RingPorts : public testing::TestWithParam<std::uint16_t> {};  // how many send queues a port has

TEST_P(RingPorts, KeepOrderAndVerdictsAndLoseNothing) {
  WireRig rig(2048, GetParam());
  const auto [lan, wan] = names_of(rig);
  Wire wire(one_pair(lan, wan), 2);
  ASSERT_TRUE(wire.runtime);
  const auto frames = mix(Side::kDevice, 3);
  for (const auto& frame : frames) rig.lan().arrive(rig.make(frame));
  EXPECT_TRUE(soon([&] { return wire.forwarded() == frames.size(); }));
  wire.stop();
  std::vector<Bytes> out;
  while (rte_mbuf* frame = rig.wan().departed()) {
    out.push_back(bytes_of(frame));
    rte_pktmbuf_free(frame);
  }
  EXPECT_EQ(by_device(frames), by_device(out));
  EXPECT_TRUE(books_of(wire.processors).balance());
  wire.expect_each_device_has_one_worker();
}

INSTANTIATE_TEST_SUITE_P(SendQueues, RingPorts, testing::Values(1, 2));

TEST(SeveralWorkers, AStopLosesNoFrameThatWasReceived) {
  WireRig rig(2048);
  const auto [lan, wan] = names_of(rig);
  Wire wire(one_pair(lan, wan), 3);
  ASSERT_TRUE(wire.runtime);
  for (const auto& frame : mix(Side::kDevice, 4)) rig.lan().arrive(rig.make(frame));
  wire.stop();  // at once
  std::uint64_t out = 0, left = 0;
  while (rte_mbuf* frame = rig.wan().departed()) ++out, rte_pktmbuf_free(frame);
  void* waiting = nullptr;
  while (rte_ring_dequeue(rig.lan().in(), &waiting) == 0) ++left, rte_pktmbuf_free(static_cast<rte_mbuf*>(waiting));
  const auto books = books_of(wire.processors);
  EXPECT_EQ(1500u, out + left);
  EXPECT_EQ(out, books.forwarded);
  EXPECT_EQ(0u, books.held);
  EXPECT_TRUE(books.balance());
}

TEST(SeveralWorkers, WorkOnTaps) {
  if (access("/dev/net/tun", R_OK | W_OK) != 0) GTEST_SKIP() << "there are no tap interfaces here";
  IN_OWN_NETWORK([] {
    shell("sysctl -qw net.ipv6.conf.default.disable_ipv6=1");  // else the kernel says something of its own
    Wire wire(one_pair("net_tap0,iface=wl-lan", "net_tap1,iface=wl-wan"), 2);
    ASSERT_TRUE(wire.runtime);
    for (const std::string name : {"wl-lan", "wl-wan"}) shell("ip link set " + name + " up");
    const int lan = raw_socket("wl-lan"), wan = raw_socket("wl-wan");
    const auto frames = mix(Side::kDevice, 5, 300);
    std::vector<Bytes> out;
    for (const auto& frame : frames) {
      ASSERT_EQ(static_cast<ssize_t>(frame.size()), send(lan, frame.data(), frame.size(), 0));
      if (&frame != &frames.back() && (&frame - frames.data()) % 50 != 49) continue;  // the kernel's queues are short
      const auto count = static_cast<std::size_t>(&frame - frames.data()) + 1 - out.size();
      for (auto& arrived : received(wan, count)) out.push_back(std::move(arrived));
    }
    EXPECT_EQ(by_device(frames), by_device(out));
    EXPECT_TRUE(soon([&] { return wire.forwarded() == frames.size(); })) << wire.forwarded();
    wire.expect_each_device_has_one_worker();
    wire.stop();
    EXPECT_TRUE(books_of(wire.processors).balance());
    close(lan);
    close(wan);
  });
}

// What is said of so many workers on two null ports.
std::string notices_of(std::uint16_t workers, SpreadChoice spread = SpreadChoice::kAuto) {
  auto options = one_pair("net_null0", "net_null1");
  options.bundles[0].workers = workers;
  options.bundles[0].spread = spread;
  const auto opened = DataplaneRuntime::open(options);
  EXPECT_TRUE(opened) << opened.error().front().text();
  std::string text;
  if (opened)
    for (const auto& notice : (*opened)->take_notices()) text += notice.line() + "\n";
  return text;
}

TEST(SeveralWorkers, ANoticeSaysWhoDistributesAndWhy) {
  EXPECT_THAT(notices_of(2), HasSubstr("wire: worker 0 polls its ports and hands frames to the others by the device's "
                                       "address, because east/device (net_null0) cannot spread them"));
  EXPECT_THAT(notices_of(3, SpreadChoice::kSoftware), HasSubstr("because so it is set"));
  EXPECT_EQ("", notices_of(1));
}

}  // namespace
}  // namespace wardline::runtime
