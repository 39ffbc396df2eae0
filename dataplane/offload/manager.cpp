#include "dataplane/offload/manager.h"

#include <pthread.h>

#include <chrono>

namespace wardline::offload {
namespace {

constexpr unsigned kTurnsBetweenCounters = 100;

std::size_t direction_of(Side in) {
  return in == Side::kDevice ? 0 : 1;
}

}  // namespace

OffloadManager::OffloadManager(FlowOffload& card, const enforce::DeviceSlots& slots,
                               std::vector<OffloadLedger*> ledgers, std::size_t most_flows)
    : card_(card), slots_(slots), ledgers_(std::move(ledgers)), most_flows_(most_flows) {}

OffloadManager::~OffloadManager() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  hold();
}

void OffloadManager::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      turn();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  pthread_setname_np(thread_.native_handle(), "wl-offload");
}

void OffloadManager::hold() {
  const std::scoped_lock lock(mutex_);
  held_ = true;
  counts_.flushed += entries_.size();
  while (!entries_.empty()) remove(entries_.size() - 1);
}

void OffloadManager::allow(std::uint32_t policy_epoch) {
  const std::scoped_lock lock(mutex_);
  held_ = false;
  policy_epoch_ = policy_epoch;
}

bool OffloadManager::stands(const OffloadFlow& flow) const {
  return !held_ && flow.policy_epoch == policy_epoch_ && flow.device_epoch == slots_.epoch(flow.device_slot) &&
         flow.peer_epoch == slots_.epoch(flow.peer_slot);
}

void OffloadManager::turn() {
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = entries_.size(); i-- > 0;) {
    const bool wanted = entries_[i].ledger->wants(entries_[i].flow), valid = stands(entries_[i].flow);
    if (wanted && valid) continue;
    if (!valid) ++counts_.flushed;
    remove(i);
  }
  if (!held_)  // what is decided under the next policy before allow() waits in the ring
    for (auto* ledger : ledgers_) take_offers(*ledger);
  if (++turns_ % kTurnsBetweenCounters == 0)
    for (auto& entry : entries_) read_traffic(entry);
}

void OffloadManager::take_offers(OffloadLedger& ledger) {
  while (const auto* offer = ledger.offers().front()) {
    const OffloadFlow flow = *offer;
    ledger.offers().pop();
    ++counts_.offered;
    if (ledger.ruled(flow.place) || !ledger.wants(flow) || !stands(flow)) continue;
    if (entries_.size() >= most_flows_ || !insert(ledger, flow)) ++counts_.refused;
  }
}

bool OffloadManager::insert(OffloadLedger& ledger, const OffloadFlow& flow) {
  const auto from_device = card_.insert(flow, Side::kDevice);
  if (!from_device) return false;
  const auto to_device = card_.insert(flow, Side::kCore);
  if (!to_device) {
    card_.remove(*from_device);
    return false;
  }
  ledger.rule(flow.place, true);
  entries_.push_back({&ledger, flow, {*from_device, *to_device}, {}});
  ++counts_.inserted;
  // A word may have moved while the card worked; whoever moved it finds no rule that outlives this turn.
  if (!stands(flow)) {
    ++counts_.flushed;
    remove(entries_.size() - 1);
  }
  return true;
}

void OffloadManager::read_traffic(Entry& entry) {
  for (const Side in : {Side::kDevice, Side::kCore}) {
    const auto direction = direction_of(in);
    const auto now = card_.traffic(entry.rules[direction]);
    auto& seen = entry.seen[direction];
    if (now.packets < seen.packets || now.bytes < seen.bytes) continue;  // the card gave no answer this time
    entry.ledger->add(entry.flow.place, direction, {now.packets - seen.packets, now.bytes - seen.bytes});
    seen = now;
  }
}

void OffloadManager::remove(std::size_t i) {
  Entry& entry = entries_[i];
  read_traffic(entry);
  for (const auto rule : entry.rules) card_.remove(rule);
  entry.ledger->rule(entry.flow.place, false);
  entry = entries_.back();
  entries_.pop_back();
}

OffloadCounts OffloadManager::counts() const {
  const std::scoped_lock lock(mutex_);
  auto counts = counts_;
  counts.flows = entries_.size();
  return counts;
}

}  // namespace wardline::offload
