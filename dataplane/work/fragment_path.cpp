// Fragments: held as copies until their datagram is whole, then judged as the packet that they are together, and
// released together. One that does not become whole goes by its headers alone.
#include <cstring>

#include "dataplane/fold.h"
#include "dataplane/fragments/fragment.h"
#include "dataplane/work/worker_state.h"

namespace wardline {

using enforce::AppState;
using enforce::Decision;
using enforce::FlowFacts;
using enforce::Profile;
using enforce::Step;
using enforce::Verdict;
using fragments::DatagramKey;
using fragments::FragmentQueue;

namespace {

// Whose share of the queue a fragment takes: the sender's on the device side, else the one's that gets it.
std::uint64_t holder_of(const Passage& passage, bool by_ip) {
  if (!by_ip) return passage.device_mac().number() | std::uint64_t{passage.segment} << 48;
  std::uint64_t halves[2];
  std::memcpy(halves, passage.device_address().bytes.data(), sizeof halves);
  return fold(halves[0] ^ 0x9e3779b97f4a7c15, halves[1] ^ passage.segment);
}

DatagramKey key_of(const Passage& passage, const fragments::Fragment& fragment) {
  return {.source = passage.view.source,
          .target = passage.view.target,
          .id = fragment.id,
          .segment = passage.segment,
          .proto = passage.view.v6 ? std::uint8_t{0} : fragment.proto,
          .side = passage.frame->side,
          .v6 = passage.view.v6};
}

}  // namespace

Reason Worker::Impl::judge_fragment(Passage& passage) {
  const auto fragment = fragments::read_fragment(passage.view, passage.frame->bytes);
  if (!fragment) return judge_malformed(passage);
  if (!fragment->in_bounds()) return drop_fragment(passage, Reason::kFragmentLimit, 1);
  const auto holder = holder_of(passage, by_ip(passage.segment));
  const auto offered = fragments.offer(key_of(passage, *fragment), holder, *fragment, *passage.frame, now);
  switch (offered.answer) {
    case FragmentQueue::Answer::kHeld:
      counters.held.add();
      passage.held = true;
      return Reason::kNone;
    case FragmentQueue::Answer::kWhole: {
      counters.held.add();
      const Reason reason = judge_whole(offered.datagram);
      passage.held = reason == Reason::kNone;
      return reason;
    }
    case FragmentQueue::Answer::kDuplicate:
      return drop_fragment(passage, Reason::kFragmentDuplicate, 1);
    case FragmentQueue::Answer::kOverlap:
      return refuse_fragments(passage, offered.datagram, Reason::kFragmentOverlap);
    case FragmentQueue::Answer::kTooMany:
      return refuse_fragments(passage, offered.datagram, Reason::kFragmentLimit);
    case FragmentQueue::Answer::kRefused:
      return drop_fragment(passage, fragments.refused_for(offered.datagram), 1);
    case FragmentQueue::Answer::kNoRoom:
      if (offered.datagram != FragmentQueue::kNone) {
        judge_pieces_alone(offered.datagram);
        fragments.let_go(offered.datagram);
      }
      return judge_by_headers(passage);
    case FragmentQueue::Answer::kLetGo:
      return judge_by_headers(passage);
  }
  return Reason::kNone;
}

// One piece goes or is dropped, and no longer counts as held once that is so.
void Worker::Impl::conclude_piece(std::uint32_t datagram, std::size_t i, Reason reason) {
  if (reason == Reason::kNone) {
    fragments.release(datagram, i);
    return;
  }
  fragments.discard(datagram, i);
  counters.held.take();
  counters.drop(reason);
}

// The last fragment came: all are judged as the one packet that their receiver will read. The answer is that of the
// frame in hand, too, which is the last piece and is counted by the turn.
Reason Worker::Impl::judge_whole(std::uint32_t datagram) {
  const std::size_t count = fragments.pieces(datagram);
  const auto last = fragments.piece(datagram, count - 1);
  const auto packet = fragments.put_together(datagram);
  Reason reason = Reason::kFragmentLimit;  // too long with its headers
  if (!packet.empty()) {
    const Frame frame{.bytes = packet,
                      .wire_length = static_cast<std::uint32_t>(packet.size()),
                      .pair = last.pair,
                      .side = last.side};
    std::uint32_t bytes = 0;
    for (std::size_t i = 0; i < count; ++i)
      bytes += static_cast<std::uint32_t>(fragments.piece(datagram, i).frame.size());
    Passage whole;
    prepare(frame, whole);
    whole.frames = static_cast<std::uint32_t>(count);
    whole.more_bytes = bytes - static_cast<std::uint32_t>(packet.size());
    // A fragment header within a fragment (RFC 8200 knows none) is not taken apart again.
    reason = whole.view.fragment ? judge_by_headers(whole) : judge(whole);
  }
  for (std::size_t i = 0; i + 1 < count; ++i) conclude_piece(datagram, i, reason);
  if (reason == Reason::kNone) {
    fragments.release(datagram, count - 1);
  } else {
    fragments.discard(datagram, count - 1);
    counters.held.take();
  }
  fragments.erase(datagram);
  return reason;
}

// What is held of the datagram is dropped, and what still comes of it (RFC 5722, 4): nobody can tell which of two
// contradicting pieces the receiver would take.
Reason Worker::Impl::refuse_fragments(Passage& passage, std::uint32_t datagram, Reason reason) {
  const std::size_t count = fragments.pieces(datagram);
  for (std::size_t i = 0; i < count; ++i) conclude_piece(datagram, i, reason);
  fragments.refuse(datagram, reason);
  return drop_fragment(passage, reason, static_cast<std::uint32_t>(count) + 1);
}

// In every mode, like what is malformed: no receiver makes anything of such a datagram but by mistake.
Reason Worker::Impl::drop_fragment(Passage& passage, Reason reason, std::uint32_t frames) {
  const FoundDevice device = find_device(passage);
  Event event = event_of(EventKind::kViolation, passage);
  event.slot = device.slot;
  event.device_class = device.word.device_class;
  event.verdict = Verdict::kBlock;
  event.applied_drop = true;
  event.reason = reason;
  event.count = frames;
  report_violation(event);
  return reason;
}

void Worker::Impl::judge_pieces_alone(std::uint32_t datagram) {
  const std::size_t count = fragments.pieces(datagram);
  for (std::size_t i = 0; i < count; ++i) {
    const auto piece = fragments.piece(datagram, i);
    const Frame frame{.bytes = piece.frame,
                      .wire_length = static_cast<std::uint32_t>(piece.frame.size()),
                      .pair = piece.pair,
                      .side = piece.side};
    Passage alone;
    prepare(frame, alone);
    conclude_piece(datagram, i, judge_by_headers(alone));
  }
}

// Datagrams that did not become whole in their time. A few a turn: at most so many frames as a burst has.
void Worker::Impl::expire_fragments() {
  std::size_t judged = 0;
  while (judged < Batch::kMaxFrames) {
    const auto datagram = fragments.overdue(now);
    if (datagram == FragmentQueue::kNone) return;
    judged += fragments.pieces(datagram) + 1;
    judge_pieces_alone(datagram);
    fragments.erase(datagram);
  }
}

// A fragment by itself, for its datagram did not become whole. The first one is judged by its ports, later ones by
// their addresses: a quarantined device sends none beyond what its profile keeps, every other follows the failure
// table.
Reason Worker::Impl::judge_by_headers(Passage& passage) {
  const FoundDevice device = find_device(passage);
  if (passage.from_device && !device.identified()) announce_device(passage);
  if (device.word.quarantine == Profile::kNone) {
    if (const auto& view = passage.view; view.first_fragment && (passage.from_device || !view.target_mac.group())) {
      FlowFacts facts = facts_of(passage, device, slots.find_peer(passage.peer()));
      if (const auto decision = against_first_fragment(passage, device, facts))
        if (const Reason reason = conclude_stateless(passage, device, facts, *decision); reason != Reason::kNone)
          return reason;
    }
    const Reason cause = on_failure(Reason::kFragment);
    return cause == Reason::kNone ? cause : fail_stateless(passage, device, cause);
  }
  FlowFacts facts = facts_of(passage, device, kNoSlot);
  facts.app_state = AppState::kMidstream;  // ports and payload may be elsewhere: essential peers keep their benefit
  facts.opened_by = decisions.guess_opener(*policy, facts);
  facts.guessed = true;
  return conclude_stateless(passage, device, facts, decisions.decide(*policy, facts));
}

// Whether a first fragment, which has the ports, belongs to what its flow or the rules allow. A whole datagram can be
// cut into fragments at will, so without this a device would choose whether rules apply to it.
std::optional<Decision> Worker::Impl::against_first_fragment(Passage& passage, const FoundDevice& device,
                                                             FlowFacts& facts) {
  const auto& view = passage.view;
  const auto known = [&](const auto& table, const auto& oriented) {
    const auto hash = table.hash(oriented.key);
    auto index = table.find(oriented.key, hash);
    while (index != flow::kNoFlow && table.hot(index).device_slot.get() != device.slot)
      index = table.find_next(oriented.key, hash, index);
    return index != flow::kNoFlow && table.hot(index).applied_drop == 0 &&
           table.hot(index).policy_epoch == policy->epoch;
  };
  const Side side = passage.frame->side;
  if (view.v6 ? known(flows6, flow::orient6(passage.segment, view.source, view.source_port, view.target,
                                            view.target_port, view.proto, side))
              : known(flows4, flow::orient4(passage.segment, view.source, view.source_port, view.target,
                                            view.target_port, view.proto, side)))
    return std::nullopt;
  facts.peer_broadcast = view.target_mac == Mac{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
  if (facts.app_state == AppState::kUnknown) facts.app_state = AppState::kMidstream;  // the payload is not whole
  facts.opened_by = decisions.guess_opener(*policy, facts);
  facts.guessed = true;
  const Decision decision = decisions.decide(*policy, facts);
  return decision.verdict == Verdict::kAllow ? std::nullopt : std::optional(decision);
}

}  // namespace wardline
