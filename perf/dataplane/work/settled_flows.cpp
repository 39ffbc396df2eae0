#include "perf/dataplane/work/settled_flows.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace wardline::perf {
namespace {

WorkerOptions options_for(const FlowShape& shape, std::uint32_t flows) {
  WorkerOptions options;
  (shape.v6 ? options.flows_v6 : options.flows_v4) = std::max(flows, 4096u);
  options.seed = {{1, 2, 3, 4}};
  return options;
}

// A tenth as many devices as flows, within what a worker's share of a hospital may be.
std::uint32_t devices_for(std::uint32_t flows) {
  return std::clamp(flows / 10, 100u, 4096u);
}

// WARDLINE_BURDEN: so many instructions more a frame, within what is measured. With it the gate is shown to work.
unsigned burden() {
  const char* value = std::getenv("WARDLINE_BURDEN");
  return value != nullptr ? static_cast<unsigned>(std::atoi(value)) : 0;
}

void carry(unsigned instructions) {
  for (unsigned i = instructions / 2; i != 0; --i) asm volatile("");  // the loop itself is two
}

}  // namespace

SettledFlows::SettledFlows(const FlowShape& shape, std::uint32_t flows)
    : flows_(flows), burden_(burden()), frames_of_(shape, devices_for(flows)), loaded_(options_for(shape, flows)) {
  const char* device_class = shape.tcp ? "imaging-modality" : "ip-camera";
  const char* segment = shape.vlan != 0 ? "radiology" : "first-ward";
  for (std::uint32_t i = 0; i < frames_of_.devices(); ++i)
    loaded_.add_device(device_class, segment, FlowFrames::device_mac(i), frames_of_.device_address(i));
  open_all();
}

void SettledFlows::put(std::uint32_t flow, FlowFrames::Step step) {
  const auto bytes = frames_of_.write(flow, step, room_[batch_.size].data());
  batch_.frames[batch_.size++] =
      Frame{.bytes = bytes, .wire_length = static_cast<std::uint32_t>(bytes.size()), .side = step.side};
}

void SettledFlows::open_all() {
  for (std::uint32_t flow = 0; flow < flows_; ++flow) {
    for (const auto& step : frames_of_.opening()) {
      batch_.size = 0;
      put(flow, step);
      loaded_.process(batch_);
    }
    if (flow % 256 == 0) loaded_.drain();
  }
  loaded_.drain();
  scans_ = loaded_.worker().counters().of(Tally::kScans);
  expect_settled();
}

void SettledFlows::random_bursts(Region& region, std::uint64_t count) {
  std::uniform_int_distribution<std::uint32_t> any(0, flows_ - 1);
  for (std::uint64_t burst = 0; burst < count; ++burst) {
    const auto step = frames_of_.lasting(burst % 2 == 0 ? Side::kDevice : Side::kCore);
    batch_.size = 0;
    for (std::size_t i = 0; i < Batch::kMaxFrames; ++i) put(any(draw_), step);
    region.start();
    loaded_.process(batch_);
    carry(burden_ * Batch::kMaxFrames);
    region.stop();
  }
  loaded_.drain();
  expect_settled();
}

void SettledFlows::every_flow(Region& region) {
  const auto step = frames_of_.lasting(Side::kDevice);
  for (std::uint32_t flow = 0; flow < flows_;) {
    batch_.size = 0;
    while (batch_.size < Batch::kMaxFrames && flow < flows_) put(flow++, step);
    region.start();
    loaded_.process(batch_);
    region.stop();
  }
  loaded_.drain();
}

// A figure of flows that are not settled would be a figure of something else.
void SettledFlows::expect_settled() {
  auto& worker = loaded_.worker();
  const auto scans = worker.counters().of(Tally::kScans);
  if (worker.flows_in_use() == flows_ && scans == scans_ && worker.buffers_in_use() == 0) return;
  std::fprintf(stderr, "expected %u settled flows; found %u flows, %u buffers in use, %llu scans since they opened\n",
               flows_, worker.flows_in_use(), worker.buffers_in_use(), static_cast<unsigned long long>(scans - scans_));
  std::exit(1);
}

}  // namespace wardline::perf
