// One TCP segment and the window that slides over its stream: what is forwarded is what was scanned, in order.
#include <algorithm>
#include <cstring>

#include "dataplane/work/undecided_flow.h"

namespace wardline {

using enforce::FlowKind;
using flow::Fit;
using flow::InspectedBytes;
using flow::InspectedState;

namespace {

constexpr std::uint16_t kHistory = 1024;   // of what was scanned stays in the window, to compare repeats with
constexpr std::size_t kOverlap = 512;      // of that is scanned again, for what lies across two segments
constexpr std::size_t kWholeUntil = 2048;  // so long each scan begins at the first byte: signatures may count from it

// What of the window is to be scanned now: the new bytes and as much before them as a pattern may have begun in.
struct Part {
  std::span<const std::byte> bytes;
  std::uint32_t sequence;
  bool from_start;
};
Part part_to_scan(const InspectedBytes& window) {
  const std::size_t known = window.committed_length();
  const bool whole = window.from_start() && known < kWholeUntil;
  const std::size_t begin = whole ? 0 : known - std::min(known, kOverlap);
  return {window.prefix().subspan(begin), window.base_sequence() + static_cast<std::uint32_t>(begin), whole};
}

bool has_acknowledged_until(const flow::StreamEnds& ends, std::uint32_t sequence) {
  return ends.has_acknowledged && static_cast<std::int32_t>(ends.acknowledged - sequence) >= 0;
}

bool ends_within(std::uint32_t end, const InspectedBytes& window) {
  return static_cast<std::int32_t>(end - window.end_sequence()) <= 0;
}

}  // namespace

// A direction is done when the depth was scanned and the receiver has it: a repeat of those bytes changes nothing more.
bool Worker::Impl::is_done(const InspectedState& state, std::size_t direction, std::uint32_t depth) {
  const auto& window = state.direction[direction];
  const auto& ends = state.ends[direction];
  return window.started() && window.passed() >= depth && ends.has_acknowledged &&
         static_cast<std::int32_t>(ends.acknowledged - window.end_sequence()) >= 0;
}

template <typename Key>
Reason Worker::Impl::inspect_segment(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                                     InspectedState& state) {
  const auto& view = passage.view;
  const auto direction = passage.direction();
  if (is_decoy(table, index, passage)) return refuse(table, index, passage, Reason::kBadChecksum);
  if ((view.tcp_flags & packet::kAck) != 0) note_acknowledgement(state, 1 - direction, view.acknowledgement);
  const bool syn = (view.tcp_flags & packet::kSyn) != 0;
  if (syn && (view.tcp_flags & packet::kAck) == 0 && state.direction[direction].first_sequence() != view.sequence + 1)
    return meet_restart(table, index, passage, state.ends[direction]);
  if (view.payload.empty()) return Reason::kNone;
  const auto depth = inspection_depth(table, index);
  if (depth == 0 || is_done(state, direction, depth)) return Reason::kNone;
  return inspect_stream(table, index, passage, state, state.told);
}

// What the device says first after its application was proved, such as a server's answer. A head of few bytes is told
// again with what comes behind it.
template <typename Key>
void Worker::Impl::tell_first_bytes(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage,
                                    const InspectedBytes& window, std::uint32_t known_until) {
  const auto app = table.cold(index).app;
  constexpr std::uint32_t kFew = 512;
  if (!passage.from_device || !window.from_start() || known_until - window.first_sequence() >= kFew) return;
  if (app < policy->apps.size() && policy->apps[app].copy_first_bytes)
    copy_first_bytes(table, index, passage, window.prefix());
}

// Scans what a segment adds in order, in pieces where it is larger than the room. Bytes count as seen once forwarded: a
// segment that is refused leaves the window as it was.
template <typename Key>
Reason Worker::Impl::inspect_stream(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                                    InspectedState& state, flow::ToldThreats& told) {
  const auto& view = passage.view;
  const auto direction = passage.direction();
  auto& window = state.direction[direction];
  const auto sequence = data_sequence(view);
  const auto end = sequence + static_cast<std::uint32_t>(view.payload.size());
  const auto& ends = state.ends[direction];
  if (ends.ended && static_cast<std::int32_t>(end - ends.end) > 0)
    return refuse(table, index, passage, Reason::kOutOfOrder);  // after its FIN a host sends nothing
  if (!window.started()) window.start(sequence);
  if (static_cast<std::int32_t>(sequence - window.base_sequence()) < 0)
    if (const Reason reason = inspect_repeat(table, index, passage, state, told); reason != Reason::kNone)
      return reason;
  const auto depth = inspection_depth(table, index);
  const bool behind = static_cast<std::int32_t>(sequence - window.end_sequence()) < 0;
  if (window.passed() >= depth && !behind) return Reason::kNone;  // what was judged may still be compared with repeats
  if ((view.tcp_flags & packet::kUrg) != 0 && !note_urgent(state.ends[direction], window.base_sequence(), view))
    return refuse(table, index, passage, Reason::kOutOfOrder);
  const auto before = window.end_sequence();
  const auto kind = table.hot(index).kind;
  bool skipped = false;
  for (;;) {
    if (static_cast<std::int32_t>(end - window.base_sequence()) > InspectedBytes::kLimit) window.slide(kHistory);
    switch (const Fit fit = window.offer(sequence, view.payload); fit) {
      case Fit::kInOrder:
        if (const Reason reason = scan_window(table, index, passage, state, told); reason != Reason::kNone) {
          if (table.hot(index).kind == kind) window.skip_to(before);  // dropped: it was never seen
          return reason;
        }
        window.commit();
        tell_first_bytes(table, index, passage, window, before);
        if (ends_within(end, window) || window.passed() >= depth) return Reason::kNone;
        break;  // the rest of it
      case Fit::kAhead:
        if (!has_acknowledged_until(ends, sequence)) {
          window.commit();
          return Reason::kNone;
        }
        // The receiver has what the hole lacks: nobody fills it. What was held before was ahead of another hole.
        counters.tally(Tally::kInspectionGaps);
        window.skip_to(sequence);
        break;
      case Fit::kContradiction:
        if (has_received(state.ends[direction], window.end_sequence(), end)) return Reason::kNone;  // a keep-alive
        return refuse(table, index, passage, Reason::kContradiction);
      case Fit::kBeyond:
      case Fit::kTooManyHoles: {
        if (window.passed() >= depth) return Reason::kNone;
        // A hole whose bytes the receiver has is never filled: they went another way, or passed unjudged.
        const bool had =
            ends.has_acknowledged && static_cast<std::int32_t>(ends.acknowledged - window.end_sequence()) > 0;
        if (!had || skipped)
          if (const Reason reason = refuse(table, index, passage, Reason::kOutOfOrder); reason != Reason::kNone)
            return reason;
        counters.tally(Tally::kInspectionGaps);
        const bool far = skipped || static_cast<std::int32_t>(sequence - ends.acknowledged) < 0 || !had;
        window.skip_to(far ? sequence : ends.acknowledged);
        skipped = true;
        break;
      }
      case Fit::kRetransmission:
      case Fit::kEmpty:
        return Reason::kNone;
    }
  }
}

// Bytes older than the window cannot be compared any more: they are scanned by themselves. A receiver that has them
// takes them no more. What lies before the stream's first byte belongs to no connection of these numbers.
template <typename Key>
Reason Worker::Impl::inspect_repeat(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                                    InspectedState& state, flow::ToldThreats& told) {
  const auto direction = passage.direction();
  const auto& view = passage.view;
  const auto& window = state.direction[direction];
  const auto& ends = state.ends[direction];
  if (view.payload.size() == 1 && has_received(ends, window.end_sequence(), data_sequence(view) + 1))
    return Reason::kNone;  // a keep-alive (RFC 9293, 3.8.4)
  const bool before_first = static_cast<std::int32_t>(data_sequence(view) - window.first_sequence()) < 0;
  if (before_first && view.payload.size() == 1) return Reason::kNone;  // a keep-alive before any data
  if (before_first && ends.opened) return refuse(table, index, passage, Reason::kOutOfOrder);
  if (!has_received(ends, window.end_sequence(), window.base_sequence())) counters.tally(Tally::kUncomparedRepeats);
  const auto hits = scan(input_of(table, index, passage, view.payload, false));
  if (hits.outcome == classify::ScanOutcome::kFailed) return fail_inspected(table, index, passage, Reason::kScanError);
  return judge_threats(table, index, passage, hits, &told);
}

template <typename Key>
Reason Worker::Impl::scan_window(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                                 InspectedState& state, flow::ToldThreats& told) {
  const auto direction = passage.direction();
  const Part part = part_to_scan(state.direction[direction]);
  const auto hits = scan_stream(input_of(table, index, passage, part.bytes, part.from_start), part.sequence,
                                state.ends[direction].urgent);
  if (hits.outcome == classify::ScanOutcome::kFailed) {
    if (const Reason reason = fail_inspected(table, index, passage, Reason::kScanError); reason != Reason::kNone)
      return reason;
  }
  return judge_threats(table, index, passage, hits, &told);
}

// Most receivers take an urgent byte out of the stream (RFC 6093, 3), some leave it: both readings are looked at. An
// application is believed only where both agree.
classify::Hits Worker::Impl::scan_stream(classify::ScanInput input, std::uint32_t sequence,
                                         const flow::UrgentBytes& urgent) {
  classify::Hits hits = scan(input);
  if (urgent.empty() || hits.outcome == classify::ScanOutcome::kFailed) return hits;
  std::size_t length = 0;
  const auto most = std::min(input.bytes.size(), without_urgent.size());
  for (std::size_t i = 0; i < most; ++i)
    if (!urgent.contains(sequence + static_cast<std::uint32_t>(i))) without_urgent[length++] = input.bytes[i];
  if (length == most) return hits;
  input.bytes = std::span<const std::byte>(without_urgent).first(length);
  const classify::Hits second = scan(input);
  if (second.outcome == classify::ScanOutcome::kFailed) hits.outcome = second.outcome;
  if (second.app != hits.app) hits.app = kNoApp;
  for (std::uint8_t i = 0; i < second.threat_count && hits.threat_count < hits.threats.size(); ++i) {
    const auto known = std::span(hits.threats).first(hits.threat_count);
    if (std::ranges::find(known, second.threats[i]) == known.end())
      hits.threats[hits.threat_count++] = second.threats[i];
  }
  return hits;
}

// Drops a segment for its place in the stream; its sender will send again. Never in an essential flow, which nothing
// that is found in it could stop either.
template <typename Key>
Reason Worker::Impl::refuse(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage, Reason reason) {
  const auto rule = table.cold(index).rule;
  const bool essential = rule < policy->rules.size() && policy->rules[rule].essential;
  return essential ? Reason::kNone : drop_where_enforced(table, index, passage, reason);
}

// A row of the failure table, met while threats are looked for.
template <typename Key>
Reason Worker::Impl::fail_inspected(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage,
                                    Reason cause) {
  return on_failure(cause) == Reason::kNone ? Reason::kNone : refuse(table, index, passage, cause);
}

#define WARDLINE_INSTANTIATE(Key)                                                                                   \
  template Reason Worker::Impl::fail_inspected(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&, Reason);     \
  template Reason Worker::Impl::refuse(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&, Reason);             \
  template Reason Worker::Impl::inspect_segment(flow::FlowTable<Key>&, flow::FlowIndex, Passage&, InspectedState&); \
  template Reason Worker::Impl::inspect_stream(flow::FlowTable<Key>&, flow::FlowIndex, Passage&, InspectedState&,   \
                                               flow::ToldThreats&);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
