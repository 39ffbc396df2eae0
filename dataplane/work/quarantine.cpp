// Counting toward quarantine, and doing it: the control plane armed the slot, so this needs nobody alive but us.
#include "dataplane/work/worker_state.h"

namespace wardline {

using enforce::Profile;
using enforce::SlotWord;

namespace {

// True when (peer, port, application) was not counted in this window yet. The filter may take a new one for a known
// one, which counts too few, never too many.
bool is_distinct(enforce::SlotCold& cold, const Address& peer, std::uint16_t port, AppId app) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const auto byte : peer.bytes) hash = (hash ^ byte) * 0x100000001b3;
  hash = (hash ^ port) * 0x100000001b3;
  hash = (hash ^ app) * 0x9e3779b97f4a7c15;
  const auto bit = (hash >> 40) & 255;
  const std::uint64_t mask = std::uint64_t{1} << (bit & 63);
  return (cold.seen[bit >> 6].fetch_or(mask, std::memory_order_relaxed) & mask) == 0;
}

}  // namespace

void Worker::Impl::count_toward_quarantine(SlotId slot, SegmentId segment, const Address& peer, std::uint16_t peer_port,
                                           AppId app, Reason reason, const Passage& passage, bool at_once) {
  if (slot == kNoSlot || slot < enforce::DeviceSlots::kFirstReal) return;
  if (!passage.from_device)
    return;  // what others send to a device is not its doing: a scan from the core cuts nobody off
  auto& cold = slots.cold(slot);
  // A detection that quarantines waits for no threshold; whether the slot is armed and the budgets hold all the same.
  const auto threshold = at_once ? std::uint16_t{1} : cold.threshold.load(std::memory_order_relaxed);
  if (threshold == 0) return;
  const auto window = coarse_duration(cold.within_seconds.load(std::memory_order_relaxed) * kSecond);
  const auto start = cold.window_start.load(std::memory_order_relaxed);
  if (start == 0 || age(coarse_now, start) > window) {
    cold.window_start.store(coarse_now != 0 ? coarse_now : ~CoarseTick{0}, std::memory_order_relaxed);  // 0: none runs
    cold.counted.store(0, std::memory_order_relaxed);
    for (auto& bits : cold.seen) bits.store(0, std::memory_order_relaxed);
  }
  const bool distinct = is_distinct(cold, peer, peer_port, app);
  if (!distinct && !at_once) return;
  if (cold.counted.fetch_add(1, std::memory_order_relaxed) + 1 < threshold) return;

  const SlotWord before = slots.word(slot);
  if (before.armed == Profile::kNone || before.quarantine >= before.armed) return;
  if (!budgets.take(before.device_class, segment)) {
    counters.tally(Tally::kQuarantineBudgetDenied);
    return;
  }
  const bool changed = slots.update(slot, [](SlotWord& word) {
    if (word.armed == Profile::kNone || word.quarantine >= word.armed) return false;
    word.quarantine = word.armed;
    return true;
  });
  if (!changed) return;
  counters.tally(Tally::kQuarantinesMade);
  Event event = event_of(EventKind::kQuarantined, passage);
  event.slot = slot;
  event.device_class = before.device_class;
  event.reason = reason;
  event.app = app;
  event.count = threshold;
  event.applied_drop = true;
  put(event);
}

}  // namespace wardline
