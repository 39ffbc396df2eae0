#include "dataplane/worker.h"

#include <algorithm>
#include <utility>

#include "dataplane/glance/plain_view.h"
#include "dataplane/work/settled.h"
#include "dataplane/work/worker_state.h"

namespace wardline {

using packet::L4;
using packet::PacketView;
using packet::Shape;

Worker::Impl::Impl(const WorkerOptions& given, SnapshotPublisher& the_publisher, enforce::DeviceSlots& the_slots,
                   enforce::QuarantineBudgets& the_budgets)
    : options(given),
      publisher(the_publisher),
      slots(the_slots),
      budgets(the_budgets),
      number(the_publisher.add_worker()),
      flows4(given.flows_v4, given.seed),
      flows6(given.flows_v6, given.seed),
      wheel4(given.flows_v4, 0),
      wheel6(given.flows_v6, 0),
      undecided(given.undecided),
      inspected(given.inspected),
      framed(given.framed),
      ended_flows(given.undecided + given.inspected),
      kept_facts(given.kept_facts),
      hellos(given.hellos),
      sums(given.event_sums, given.seed.words[0]),
      detections(given),
      decisions(given.decisions, given.seed),
      fragments(given.fragments, given.fragment_bytes),
      events(given.events),
      copies(given.frame_copies),
      ledger(given.offload ? std::make_unique<offload::OffloadLedger>() : nullptr) {}

// Which frames of a segment are judged by a flow record: unicast IP between two real addresses, ports known.
static bool has_flow(const PacketView& view) {
  return !view.target_mac.group() && !view.fragment && !view.source.unspecified() && !view.target.multicast() &&
         !view.target.limited_broadcast();
}

void Worker::Impl::prepare(const Frame& frame, Passage& passage) {
  passage.frame = &frame;
  passage.view = packet::parse(frame.bytes);
  passage.from_device = frame.side == Side::kDevice;
  passage.flow_able = passage.held = false;
  passage.right_checksum.reset();
  passage.segment = kUnknownSegment;
  PacketView& view = passage.view;
  if (frame.wire_length > frame.bytes.size()) view.shape = Shape::kMalformed;  // never forward what was cut short
  if (view.shape == Shape::kMalformed || policy == nullptr) return;
  passage.segment =
      policy->segment_map.find(options.bundle, frame.side, view.vlans[0], view.vlans[1], view.tag_count > 1);
  if (view.shape != Shape::kIp || !has_flow(view)) return;
  switch (view.l4) {
    case L4::kIcmpError:
    case L4::kIcmpOther:
      if (view.proto == packet::kProtoIcmp6 || view.l4 == L4::kIcmpError) return;
      break;
    default:
      break;
  }
  if (is_dhcp(view)) return;
  passage.flow_able = true;
  if (view.v6) {
    passage.key6 = flow::orient6(passage.segment, view.source, view.source_port, view.target, view.target_port,
                                 view.proto, frame.side)
                       .key;
    passage.hash = flows6.hash(passage.key6);
  } else {
    passage.key4 = flow::orient4(passage.segment, view.source, view.source_port, view.target, view.target_port,
                                 view.proto, frame.side)
                       .key;
    passage.hash = flows4.hash(passage.key4);
  }
}

Reason Worker::Impl::on_failure(Reason cause) {
  counters.failure(cause);
  const auto row = static_cast<std::size_t>(cause);
  if (policy == nullptr) return cause == Reason::kMalformed ? cause : Reason::kNone;
  return policy->on_failure[row] == enforce::FailureAction::kDrop ? cause : Reason::kNone;
}

// What cannot be read belongs to nobody: its record names the sender's MAC, where there is one, and the leg.
Reason Worker::Impl::judge_malformed(Passage& passage) {
  const Reason cause = on_failure(Reason::kMalformed);
  if (cause == Reason::kNone || policy == nullptr) return cause;
  Event event = event_of(EventKind::kViolation, passage);
  event.slot = pseudo_slot(kUnknownSegment);
  event.verdict = enforce::Verdict::kBlock;
  event.applied_drop = true;
  event.step = enforce::Step::kOnFailure;
  event.reason = cause;
  report_violation(event);
  return cause;
}

Reason Worker::Impl::judge(Passage& passage) {
  if (passage.view.shape == Shape::kMalformed) return judge_malformed(passage);
  if (policy == nullptr) return on_failure(Reason::kNoPolicy);
  if (passage.view.odd) {
    counters.tally(Tally::kOddHeaders);
    if (const Reason cause = watch_header(passage); cause != Reason::kNone) return cause;
  }
  switch (passage.view.shape) {
    case Shape::kLinkControl:
      copy_frame(passage, kNoSlot);  // of both sides: who is at the other end of a leg
      return judge_link_control(passage);
    case Shape::kArp:
      return judge_arp(passage);
    case Shape::kIp:
      if (passage.view.fragment) return judge_fragment(passage);
      if (passage.flow_able) return judge_flow(passage);
      if (passage.view.l4 == L4::kIcmpError) return judge_icmp_error(passage);
      return judge_stateless(passage);
    default:
      return judge_other(passage);
  }
}

// Frames from number `next` on that take the settled way, up to the first that does not: its number. By itself, so that
// all it needs stays in registers.
template <typename Key, typename Turn>
[[gnu::noinline]] std::size_t Worker::Impl::pass_settled_from(std::size_t next, flow::FlowTable<Key>& table,
                                                              const Key* keys, std::uint32_t known,
                                                              const Turn& the_turn) {
  const Turn turn = the_turn;
  const Frame* const frames = batch->frames.data();
  const flow::FlowIndex* const indices = likely.data();
  flow::HotRecord<Key>* const records = &table.hot(0);
  for (; (std::uint64_t{known} >> next & 1) != 0; ++next)
    if (!work::pass_settled(records[indices[next]], keys[next], frames[next], turn)) break;
  return next;
}

void Worker::Impl::judge_all() {
  batch->all_pass = true;
  if (batch->size == 0) return;
  const work::SettledTurn turn{slots.words(), policy != nullptr ? policy->epoch : 0, coarse_now};
  change.begin_turn(turn.policy_epoch, batch->size, now);
  if (change.postpones()) [[unlikely]] {
    judge_each(work::ChangingTurn{turn, change});
    counters.tally(Tally::kPassedUnderFormer, change.end_turn());
  } else {
    judge_each(turn);
  }
  counters.received.add(batch->size);
  counters.received_bytes.add(seen.bytes);
}

// One after the other, so that batches of 1 and of 32 give the same verdicts.
template <typename Turn>
void Worker::Impl::judge_each(const Turn& turn) {
  const std::size_t count = batch->size;
  const std::uint32_t known = found & ~seen.edges, known4 = seen.plain4 & known, known6 = seen.plain6 & known;
  bool fetched = false;
  for (std::size_t i = 0; i < count; ++i) {
    if ((known4 >> i & 1) != 0) {
      if (work::may_settle(flows4.hot(likely[i]))) i = pass_settled_from(i, flows4, seen.keys4.data(), known4, turn);
      if (i == count || ((known4 >> i & 1) != 0 && work::may_only_scan(flows4.hot(likely[i])) &&
                         pass_scanned(likely[i], seen.keys4[i], batch->frames[i], turn)))
        continue;
    }
    if ((known6 >> i & 1) != 0 && work::pass_settled(flows6.hot(likely[i]), seen.keys6[i], batch->frames[i], turn))
      continue;
    if (!std::exchange(fetched, true)) fetch_states(i);
    judge_frame(i);
  }
}

// What the first look told of a frame stands for the parser's answers, and for all that judge() asks.
[[gnu::always_inline]] inline Reason Worker::Impl::judge_plain(std::size_t i) {
  const Frame& frame = batch->frames[i];
  Passage& passage = passages[i];
  passage.frame = &frame;
  passage.from_device = frame.side == Side::kDevice;
  passage.held = false;
  passage.right_checksum.reset();
  passage.hash = seen.hashes[i];
  if ((seen.plain4 >> i & 1) != 0) {
    glance::view_plain4(frame, passage.view);
    passage.segment = seen.keys4[i].segment;
    return judge_flow_in(flows4, seen.keys4[i], passage);
  }
  glance::view_plain6(frame, passage.view);
  passage.segment = seen.keys6[i].segment;
  return judge_flow_in(flows6, seen.keys6[i], passage);
}

// A frame that takes the long way.
void Worker::Impl::judge_frame(std::size_t i) {
  Passage& passage = passages[i];
  Frame& frame = batch->frames[i];
  passage.likely = (found >> i & 1) != 0 ? likely[i] : flow::kNoFlow;
  passage.device_ahead = (sought_devices >> i & 1) != 0 ? &devices_ahead[i] : nullptr;
  frame.drop = (seen.plain() >> i & 1) != 0 ? judge_plain(i) : judge(passage);
  frame.held = passage.held;
  if (frame.drop != Reason::kNone) counters.drop(frame.drop);
  if (frame.drop != Reason::kNone || frame.held) batch->all_pass = false;
}

void Worker::Impl::process(Batch& the_batch, Tick the_time) {
  if (now == 0) {
    wheel4.start_at(coarse(the_time));
    wheel6.start_at(coarse(the_time));
  }
  now = std::max(now, the_time);
  coarse_now = coarse(now);
  batch = &the_batch;
  batch->created_count = 0;
  policy = publisher.enter(number);
  look_for_detectors();
  expire_fragments();
  look_ahead();
  judge_all();
  batch->released_count = fragments.take_released(batch->released);
  counters.held.take(batch->released_count);
  counters.created.add(batch->created_count);
  if (auto* recording = tap.recording(); recording != nullptr) [[unlikely]]
    record(*recording);
  expire_some();
  batch = nullptr;
}

Worker::Worker(const WorkerOptions& options, SnapshotPublisher& publisher, enforce::DeviceSlots& slots,
               enforce::QuarantineBudgets& budgets)
    : impl_(std::make_unique<Impl>(options, publisher, slots, budgets)) {}

Worker::~Worker() {
  impl_->publisher.remove_worker(impl_->number);
}

void Worker::process(Batch& batch, Tick now) {
  impl_->process(batch, now);
}

offload::OffloadLedger* Worker::offload_ledger() {
  return impl_->ledger.get();
}

void Worker::offer_nothing() {
  impl_->ledger.reset();
}

void Worker::count_forwarded(std::uint64_t frames, std::uint64_t bytes) {
  impl_->counters.forwarded.add(frames);
  impl_->counters.forwarded_bytes.add(bytes);
}

void Worker::count_not_sent(Reason reason, std::uint64_t frames) {
  impl_->counters.drop(reason, frames);
}

void Worker::count_unjudged(Reason reason, std::uint64_t frames, std::uint64_t bytes) {
  impl_->counters.received.add(frames);
  impl_->counters.received_bytes.add(bytes);
  impl_->counters.drop(reason, frames);
}

void Worker::count_queued(std::uint64_t frames) {
  impl_->counters.held.add(frames);
}

void Worker::count_unqueued(std::uint64_t frames) {
  impl_->counters.held.take(frames);
}

void Worker::set_overloaded(bool overloaded) {
  impl_->overloaded.store(overloaded, std::memory_order_relaxed);
}

bool Worker::holds_frames() const {
  return !impl_->fragments.empty();
}

bool Worker::finish(Tick now) {
  return impl_->finish(now);
}

const WorkerCounters& Worker::counters() const {
  return impl_->counters;
}
SpscRing<Event>& Worker::events() {
  return impl_->events;
}
SpscRing<FrameCopy>& Worker::frame_copies() {
  return impl_->copies;
}
std::uint32_t Worker::flows_in_use() const {
  return impl_->flows4.size() + impl_->flows6.size();
}
std::size_t Worker::number() const {
  return impl_->number;
}

}  // namespace wardline
