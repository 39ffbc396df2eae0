#include <gmock/gmock.h>

#include "dataplane/runtime/dataplane_runtime.h"
#include "tests/unit/dataplane/runtime/port_fixtures.h"
#include "tests/unit/dataplane/runtime/wire_rig.h"

namespace wardline::runtime {
namespace {

using testing::HasSubstr;

TEST(Ports, ACaptureGoesThroughTheBypassByteForByte) {
  const TempFolder folder;
  const std::vector<Bytes> frames{frame_of(60), frame_of(1514, 2), frame_of(9014, 3), frame_of(64, 4)};
  write_pcap(folder.path / "in.pcap", frames);
  write_pcap(folder.path / "none.pcap", {});
  auto runtime = DataplaneRuntime::open(one_pair(
      "net_pcap0,rx_pcap=" + (folder.path / "in.pcap").string() + ",tx_pcap=" + (folder.path / "back.pcap").string(),
      "net_pcap1,rx_pcap=" + (folder.path / "none.pcap").string() + ",tx_pcap=" + (folder.path / "out.pcap").string()));
  ASSERT_TRUE(runtime) << runtime.error().front().text();
  ASSERT_TRUE((*runtime)->start_bypass());
  EXPECT_TRUE(soon([&] { return (*runtime)->counters(0).forwarded.read() == frames.size(); }));
  const auto stopped = (*runtime)->stop();
  EXPECT_TRUE(stopped) << stopped.error().text();
  EXPECT_EQ(frames, read_pcap(folder.path / "out.pcap"));
  EXPECT_EQ(frames.size(), (*runtime)->counters(0).received.read());
  EXPECT_EQ(frames.size(), (*runtime)->legs()[0].rx_frames) << "the last figures stay after the stop";
}

TEST(Ports, ADeviceStringMayNameAPortThatIsThereAlready) {
  WireRig rig;
  char lan[RTE_ETH_NAME_MAX_LEN], wan[RTE_ETH_NAME_MAX_LEN];
  ASSERT_EQ(0, rte_eth_dev_get_name_by_port(rig.lan().number(), lan));
  ASSERT_EQ(0, rte_eth_dev_get_name_by_port(rig.wan().number(), wan));
  rte_eth_dev_stop(rig.lan().number());
  rte_eth_dev_stop(rig.wan().number());
  auto runtime = DataplaneRuntime::open(one_pair(lan, wan));
  ASSERT_TRUE(runtime) << runtime.error().front().text();
  ASSERT_TRUE((*runtime)->start_bypass());
  rig.lan().arrive(rig.make(frame_of(300)));
  EXPECT_TRUE(soon([&] { return rte_ring_count(rig.wan().out()) == 1; }));
  ASSERT_TRUE((*runtime)->stop());
  rte_mbuf* out = rig.wan().departed();
  ASSERT_NE(nullptr, out);
  EXPECT_EQ(frame_of(300), bytes_of(out));
  rte_pktmbuf_free(out);
}

TEST(Ports, NullPortsForwardAndTheHeartbeatRises) {
  auto runtime = DataplaneRuntime::open(one_pair("net_null0", "net_null1"));
  ASSERT_TRUE(runtime) << runtime.error().front().text();
  ASSERT_EQ(1u, (*runtime)->lanes().size());
  ASSERT_TRUE((*runtime)->start_bypass());
  EXPECT_TRUE(soon([&] { return (*runtime)->counters(0).forwarded.read() > 1000; }));
  const auto before = (*runtime)->lane_status()[0].turns;
  EXPECT_TRUE(soon([&] { return (*runtime)->lane_status()[0].turns > before; }));
  ASSERT_TRUE((*runtime)->stop());
  const auto& counters = (*runtime)->counters(0);
  EXPECT_EQ(counters.received.read(), counters.forwarded.read() + counters.dropped_total());
  const auto status = (*runtime)->lane_status()[0];
  EXPECT_GT(status.busy_cycles, 0u);
  EXPECT_GE(status.cycles, status.busy_cycles);
}

TEST(Ports, EveryFaultIsToldAtOnce) {
  auto options = one_pair("no-such-if0", "no-such-if1");
  options.cores = {100'000};
  const auto runtime = DataplaneRuntime::open(options);
  ASSERT_FALSE(runtime);
  ASSERT_EQ(3u, runtime.error().size());
  EXPECT_THAT(runtime.error()[0].text(), HasSubstr("core 100000"));
  EXPECT_THAT(runtime.error()[1].text(), HasSubstr("no-such-if0"));
  EXPECT_THAT(runtime.error()[2].text(), HasSubstr("no-such-if1"));
}

TEST(Ports, ALegIsNotUsedTwice) {
  const auto runtime = DataplaneRuntime::open(one_pair("net_null0", "net_null0"));
  ASSERT_FALSE(runtime);
  EXPECT_THAT(runtime.error()[0].text(), HasSubstr("'net_null0' is already another leg"));
}

TEST(Ports, ADriverThatRefusesSaysWhy) {
  const auto runtime =
      DataplaneRuntime::open(one_pair("net_pcap0,rx_pcap=/nonexistent.pcap,tx_pcap=/nonexistent/out", "net_null1"));
  ASSERT_FALSE(runtime);
  EXPECT_THAT(runtime.error()[0].text(), HasSubstr("net_pcap0"));
}

TEST(Ports, TheNumberOfProcessorsMustBeThatOfTheLanes) {
  auto runtime = DataplaneRuntime::open(one_pair("net_null0", "net_null1"));
  ASSERT_TRUE(runtime);
  EXPECT_FALSE((*runtime)->start({}));
}

}  // namespace
}  // namespace wardline::runtime
