#include "dataplane/runtime/frame_processor.h"

namespace wardline::runtime {

void BypassProcessor::process(Batch& batch, Tick) {
  std::uint64_t bytes = 0;
  for (Frame& frame : batch.used()) {
    bytes += frame.wire_length;
    // The receiver would get other bytes than the sender sent.
    if (frame.wire_length > frame.bytes.size()) {
      frame.drop = Reason::kMalformed;
      counters_.drop(Reason::kMalformed);
    }
  }
  counters_.received.add(batch.size);
  counters_.received_bytes.add(bytes);
}

void BypassProcessor::count_forwarded(std::uint64_t frames, std::uint64_t bytes) {
  counters_.forwarded.add(frames);
  counters_.forwarded_bytes.add(bytes);
}

void BypassProcessor::count_not_sent(Reason reason, std::uint64_t frames) {
  counters_.drop(reason, frames);
}

void BypassProcessor::count_unjudged(Reason reason, std::uint64_t frames, std::uint64_t bytes) {
  counters_.received.add(frames);
  counters_.received_bytes.add(bytes);
  counters_.drop(reason, frames);
}

void BypassProcessor::count_queued(std::uint64_t frames) {
  counters_.held.add(frames);
}

void BypassProcessor::count_unqueued(std::uint64_t frames) {
  counters_.held.take(frames);
}

}  // namespace wardline::runtime
