// What a flow of one datagram costs from its opening to its last record: found nowhere, scanned, decided, settled,
// expired and told. One that would be blocked, and one that is allowed, as those of the row `new-udp` are.
#include "perf/dataplane/bench.h"
#include "perf/dataplane/work/flow_frames.h"
#include "perf/dataplane/work/loaded_worker.h"

using namespace wardline;
using namespace wardline::perf;

namespace {

constexpr std::uint32_t kFlows = 8192, kDevices = 100;

WorkerOptions tables() {
  WorkerOptions options;
  options.flows_v4 = 4 * kFlows;
  options.seed = {{1, 2, 3, 4}};
  return options;
}

class NewFlows {
 public:
  NewFlows(const FlowShape& shape, std::string_view device_class) : frames_(shape, kDevices), loaded_(tables()) {
    for (std::uint32_t i = 0; i < kDevices; ++i)
      loaded_.add_device(device_class, "first-ward", FlowFrames::device_mac(i), frames_.device_address(i));
  }

  void open_and_end(Region& region) {
    for (std::uint32_t flow = 0; flow < kFlows;) {
      batch_.size = 0;
      for (; batch_.size < Batch::kMaxFrames; ++flow) put(flow);
      loaded_.process(batch_, region);
    }
    loaded_.expire_all(region);
  }

 private:
  void put(std::uint32_t flow) {
    const auto bytes = frames_.write(flow, frames_.opening()[0], room_[batch_.size].data());
    batch_.frames[batch_.size++] = Frame{
        .bytes = bytes, .wire_length = static_cast<std::uint32_t>(bytes.size()), .side = frames_.opening()[0].side};
  }

  FlowFrames frames_;
  LoadedWorker loaded_;
  std::array<std::array<std::byte, FlowFrames::kRoom>, Batch::kMaxFrames> room_;
  Batch batch_;
};

}  // namespace

int main(int argc, char** argv) {
  Bench bench(argc, argv);
  const auto measure = [&](const char* name, const FlowShape& shape, std::string_view device_class) {
    if (!bench.wants(name)) return;
    NewFlows flows(shape, device_class);
    bench.measure(name, kFlows, [&](Region& region) { flows.open_and_end(region); });
  };
  measure("new/udp4", {}, "ip-camera");
  measure("new/udp4-allowed", {.voice = true}, "voip-phone");
}
