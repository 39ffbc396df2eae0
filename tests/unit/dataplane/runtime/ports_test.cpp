#include <gmock/gmock.h>
#include <pcap/pcap.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "dataplane/runtime/dataplane_runtime.h"
#include "tests/unit/dataplane/runtime/wire_rig.h"

namespace wardline::runtime {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

RuntimeOptions one_pair(const std::string& device, const std::string& core) {
  RuntimeOptions options;
  options.huge_pages = HugePages::kOff;
  PairOptions pair;
  pair.name = "east";
  pair.device.spec = device;
  pair.core.spec = core;
  options.bundles.push_back({.name = "wire", .pairs = {pair}});
  return options;
}

template <typename Condition>
bool soon(Condition condition) {
  for (int i = 0; i < 200; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return condition();
}

void write_pcap(const std::filesystem::path& path, const std::vector<Bytes>& frames) {
  pcap_t* pcap = pcap_open_dead(DLT_EN10MB, 65535);
  pcap_dumper_t* out = pcap_dump_open(pcap, path.c_str());
  for (const auto& bytes : frames) {
    const auto size = static_cast<bpf_u_int32>(bytes.size());
    pcap_pkthdr header{{1, 0}, size, size};
    pcap_dump(reinterpret_cast<u_char*>(out), &header, bytes.data());
  }
  pcap_dump_close(out);
  pcap_close(pcap);
}

std::vector<Bytes> read_pcap(const std::filesystem::path& path) {
  std::vector<Bytes> frames;
  char error[PCAP_ERRBUF_SIZE];
  pcap_t* pcap = pcap_open_offline(path.c_str(), error);
  if (pcap == nullptr) return frames;
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  while (pcap_next_ex(pcap, &header, &bytes) == 1) frames.emplace_back(bytes, bytes + header->caplen);
  pcap_close(pcap);
  return frames;
}

struct TempFolder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("wardline-ports-" + std::to_string(getpid()));
  TempFolder() { std::filesystem::create_directories(path); }
  ~TempFolder() { std::filesystem::remove_all(path); }
};

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
