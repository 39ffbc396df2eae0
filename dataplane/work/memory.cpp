// What a worker has room for, and what that costs: all of it is fixed at construction.
#include "dataplane/work/worker_state.h"

namespace wardline {

std::vector<MemoryTerm> Worker::memory() const {
  const Impl& impl = *impl_;
  const WorkerOptions& options = impl.options;
  const auto many = [](std::string_view name, std::uint64_t count, std::size_t each) {
    return MemoryTerm{name, count, count * each};
  };
  return {
      {"flows_v4", impl.flows4.capacity(), impl.flows4.memory_bytes()},
      {"flows_v6", impl.flows6.capacity(), impl.flows6.memory_bytes()},
      {"flow_expiry", impl.wheel4.capacity() + impl.wheel6.capacity(),
       impl.wheel4.memory_bytes() + impl.wheel6.memory_bytes()},
      many("undecided_flows", impl.undecided.capacity(), sizeof(flow::UndecidedState)),
      many("inspected_flows", impl.inspected.capacity(), sizeof(flow::InspectedState)),
      {"ended_flows", impl.ended_flows.capacity(), impl.ended_flows.memory_bytes()},
      many("framed_flows", impl.framed.capacity(), sizeof(work::MessageState)),
      many("kept_facts", options.kept_facts, sizeof(facts::KeptFacts)),
      many("quic_hellos", impl.hellos.capacity(), sizeof(GatheredHello)),
      many("fragments", options.fragments, options.fragment_bytes),
      many("watched_devices", impl.detections.devices.size(), sizeof(detect::Watched)),
      {"decisions", impl.decisions.capacity(), impl.decisions.memory_bytes()},
      {"event_sums", impl.sums.capacity(), impl.sums.memory_bytes()},
      many("events", impl.events.capacity(), sizeof(Event)),
      many("frame_copies", impl.copies.capacity(), sizeof(FrameCopy)),
      many("tables", 1, sizeof(Impl)),  // announcements, budgets, detectors' tables and the like
  };
}

// Of the pools that flows take from and give back to: 0 when no flow is open.
std::uint32_t Worker::buffers_in_use() const {
  return impl_->undecided.in_use() + impl_->inspected.in_use() + impl_->framed.in_use() + impl_->kept_facts.in_use() +
         impl_->hellos.in_use();
}

}  // namespace wardline
