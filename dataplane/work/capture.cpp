// While a capture runs: what came and what became of it, and what the worker sends by itself, as headers alone. It is
// found again here what the turn already knew, so that the ways of the turn carry nothing for a capture.
#include "dataplane/work/worker_state.h"

namespace wardline {

using capture::CapturedFrame;
using capture::Fate;

namespace {

template <typename Key>
void note_flow(const flow::FlowTable<Key>& table, flow::FlowIndex index, CapturedFrame& taken) {
  if (index == flow::kNoFlow) return;
  const auto& hot = table.hot(index);
  taken.in_flow = true;
  taken.verdict = static_cast<enforce::Verdict>(hot.verdict);
  taken.step = static_cast<enforce::Step>(hot.step);
  taken.flow_reason = static_cast<Reason>(hot.reason);
  taken.policy_epoch = hot.policy_epoch;
  taken.rule = table.cold(index).rule;
}

}  // namespace

void Worker::Impl::record(capture::Recording& recording) {
  for (const Frame& frame : batch->used()) record_received(recording, frame);
  for (const CreatedFrame& frame : std::span(batch->created).first(batch->created_count))
    record_one(recording, std::span(frame.bytes).first(frame.length), 0, frame.pair, frame.out, Fate::kCreated);
  for (const ReleasedFrame& frame : std::span(batch->released).first(batch->released_count))
    record_one(recording, frame.bytes, 0, frame.pair, frame.out, Fate::kReleased);
}

void Worker::Impl::record_received(capture::Recording& recording, const Frame& frame) {
  CapturedFrame* taken = recording.begin(frame.bytes, frame.wire_length);
  if (taken == nullptr) return;
  fill(*taken, frame.pair, frame.side, Fate::kForwarded, frame.drop);
  if (frame.drop != Reason::kNone) taken->fate = Fate::kDropped;
  if (frame.held) taken->fate = Fate::kHeld;
  Passage passage;
  prepare(frame, passage);
  if (passage.flow_able && passage.view.v6)
    note_flow(flows6, find_for_device(flows6, passage.key6, passage), *taken);
  else if (passage.flow_able)
    note_flow(flows4, find_for_device(flows4, passage.key4, passage), *taken);
  recording.finish();
}

void Worker::Impl::record_one(capture::Recording& recording, std::span<const std::byte> bytes,
                              std::uint32_t wire_length, std::uint8_t pair, Side leg, Fate fate, Reason reason) {
  CapturedFrame* taken = recording.begin(bytes, wire_length);
  if (taken == nullptr) return;
  fill(*taken, pair, leg, fate, reason);
  recording.finish();
}

void Worker::Impl::fill(CapturedFrame& taken, std::uint8_t pair, Side leg, Fate fate, Reason reason) const {
  taken.time = now;
  taken.bundle = options.bundle;
  taken.pair = pair;
  taken.side = leg;
  taken.fate = fate;
  taken.reason = reason;
}

void Worker::tell_lost(const Frame& frame, Reason reason) {
  auto* recording = impl_->tap.recording();
  if (recording == nullptr) return;
  const bool judged = reason != Reason::kDistributionFull;
  impl_->record_one(*recording, frame.bytes, frame.wire_length, frame.pair, judged ? other(frame.side) : frame.side,
                    judged ? Fate::kNotSent : Fate::kDropped, reason);
}

capture::Tap& Worker::capture_tap() {
  return impl_->tap;
}

}  // namespace wardline
