#include "tests/unit/dataplane/runtime/quiet/quiet_lane.h"

#include <cstring>
#include <stdexcept>

#include "tests/unit/dataplane/runtime/quiet/watch.h"

namespace wardline::test {

QuietLane::QuietLane(const WorkerOptions& options, std::unique_ptr<const enforce::Snapshot> policy,
                     const std::optional<runtime::LanePair>& ports) {
  auto opened = enforce::DeviceSlots::open("", 256);
  if (!opened) throw std::runtime_error(opened.error().text());
  slots_ = std::move(*opened);
  budgets_.refill(20, 20, 20);
  worker_ = std::make_unique<Worker>(options, publisher_, *slots_, budgets_);
  if (auto done = publisher_.publish(std::move(policy)); !done) throw std::runtime_error(done.error().text());
  thread_ = std::make_unique<runtime::LaneThread>(
      runtime::LaneInfo{},
      std::make_unique<runtime::Lane>(std::vector{ports.value_or(wire_.pair())},
                                      static_cast<runtime::FrameProcessor&>(*this)),
      runtime::IdleSteps(runtime::Idle::kSpin, false));
}

QuietLane::~QuietLane() {
  keep_ = false;
  settle();
  set(kRest);  // the end of a thread is not watched
  thread_->stop();
}

bool QuietLane::watch() {
  set(kWatch);
  return able_;
}

void QuietLane::set(int wish) {
  wish_ = wish;
  while (done_ != wish) {
  }
}

void QuietLane::misbehave(std::function<void()> deed) {
  deed_ = std::move(deed);
  set(kDeed);
  set(kWatch);
}

// The lane's thread is watched from one of these calls to the next: the ports' own code, too.
void QuietLane::process(Batch& batch, Tick now) {
  const int wish = wish_.load(std::memory_order_relaxed);
  if (wish == kWatch) {
    if (!began_) able_ = watch::begin();
    began_ = true;
    watch::on();
  } else if (wish == kRest) {
    watch::off();
  } else if (done_.load(std::memory_order_relaxed) != kDeed) {
    watch::on();
    deed_();
  }
  worker_->process(batch, now + ahead_.load(std::memory_order_relaxed));
  done_.store(wish, std::memory_order_release);
  turns_.fetch_add(1, std::memory_order_release);
}

void QuietLane::wait_turns(std::uint64_t turns) {
  const auto until = turns_.load() + turns;
  while (turns_.load(std::memory_order_acquire) < until) {
  }
}

void QuietLane::give(std::span<const std::byte> frame, Side side, std::size_t piece) {
  if (side != last_side_ || waiting_ == Batch::kMaxFrames) settle();
  last_side_ = side;
  ++waiting_;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(frame.data());
  (side == Side::kDevice ? wire_.lan() : wire_.wan()).arrive(wire_.make({bytes, bytes + frame.size()}, piece));
}

void QuietLane::settle() {
  waiting_ = 0;
  for (runtime::RingPort* port : {&wire_.lan(), &wire_.wan()})
    while (rte_ring_count(port->in()) != 0) {
    }
  wait_turns(2);
  if (keep_) return;
  for (runtime::RingPort* port : {&wire_.lan(), &wire_.wan()})
    while (rte_mbuf* frame = port->departed()) rte_pktmbuf_free(frame);
}

void QuietLane::pass(Tick by) {
  settle();
  ahead_ += by;
  wait_turns(300);
}

void QuietLane::publish(std::unique_ptr<const enforce::Snapshot> policy) {
  publisher_.reclaim();
  if (auto done = publisher_.publish(std::move(policy)); !done) throw std::runtime_error(done.error().text());
}

std::vector<Event> QuietLane::drain() {
  std::vector<Event> all;
  auto& events = worker_->events();
  for (const Event* event = events.front(); event != nullptr; event = events.front()) {
    all.push_back(*event);
    events.pop();
  }
  while (worker_->frame_copies().front() != nullptr) worker_->frame_copies().pop();
  return all;
}

void QuietLane::seat_devices(std::size_t classes) {
  for (const Event& event : drain()) {
    if (event.kind != EventKind::kDeviceSeen) continue;
    enforce::SlotIdentity identity;
    identity.device_key = event.device_mac.number();
    identity.segment = event.segment;
    identity.mac = event.device_mac;
    const SlotId slot = slots_->allocate(identity);
    if (slot == kNoSlot) return;
    slots_->update(slot, [&](enforce::SlotWord& word) {
      word.device_class = static_cast<ClassId>(slot % classes);
      return true;
    });
  }
}

}  // namespace wardline::test
