#include "dataplane/runtime/link_watch.h"

#include <pthread.h>

#include <chrono>
#include <utility>

namespace wardline::runtime {

using namespace std::chrono_literals;

void NoticeBoard::post(Notice notice) {
  const std::scoped_lock lock(mutex_);
  if (notices_.size() == kMost) notices_.erase(notices_.begin());
  notices_.push_back(std::move(notice));
}

std::vector<Notice> NoticeBoard::take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(notices_, {});
}

namespace {

std::string words(const Port& port, bool carrier) {
  if (carrier) return "the link is there again";
  if (port.plan().kernel() && !kernel_interface_exists(port.plan().interface))
    return "the kernel's interface is gone, and this port with it: make it again, then restart wardlined";
  return "the link is gone: frames toward it are dropped as `tx_error`";
}

}  // namespace

LinkWatch::LinkWatch(std::vector<Leg> legs, NoticeBoard& board) : legs_(std::move(legs)), board_(board) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  pthread_setname_np(thread_.native_handle(), "wl-links");
}

LinkWatch::~LinkWatch() = default;

void LinkWatch::look() {
  for (auto& leg : legs_) {
    const auto carrier = leg.port->read_carrier();
    if (!carrier || *carrier == leg.port->usable().exchange(*carrier, std::memory_order_relaxed)) continue;
    board_.post({*carrier ? Notice::Level::kInfo : Notice::Level::kWarning, leg.name, words(*leg.port, *carrier)});
  }
}

void LinkWatch::look_at_speeds() {
  for (auto& leg : legs_) leg.port->speed().store(leg.port->read_speed(), std::memory_order_relaxed);
}

void LinkWatch::run(const std::stop_token& stop) {
  constexpr unsigned kRoundsASecond = 10;
  for (unsigned round = 0; !stop.stop_requested(); ++round) {
    look();
    if (round % kRoundsASecond == 0) look_at_speeds();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, 100ms, [] { return false; });
  }
}

}  // namespace wardline::runtime
