#include <algorithm>

#include "dataplane/enforce/device_slots.h"

namespace wardline::enforce {
namespace {

bool take_one(std::atomic<std::int32_t>& tokens) {
  auto left = tokens.load(std::memory_order_relaxed);
  while (left > 0)
    if (tokens.compare_exchange_weak(left, left - 1, std::memory_order_relaxed)) return true;
  return false;
}

void give_back(std::atomic<std::int32_t>& tokens) {
  tokens.fetch_add(1, std::memory_order_relaxed);
}

std::int32_t bounded(std::uint32_t tokens) {
  return static_cast<std::int32_t>(std::min(tokens, 0x7fff'0000u));
}

}  // namespace

QuarantineBudgets::QuarantineBudgets()
    : classes_(std::make_unique<std::array<std::atomic<std::int32_t>, 4096>>()),
      segments_(std::make_unique<std::array<std::atomic<std::int32_t>, 4096>>()) {}

// A worker that gives a token back just after the refill leaves one token more than told, at most one per worker.
void QuarantineBudgets::refill(std::uint32_t site, std::uint32_t per_class, std::uint32_t per_segment) {
  for (auto& tokens : *classes_) tokens.store(bounded(per_class), std::memory_order_relaxed);
  for (auto& tokens : *segments_) tokens.store(bounded(per_segment), std::memory_order_relaxed);
  site_.store(bounded(site), std::memory_order_relaxed);
}

bool QuarantineBudgets::take(ClassId device_class, SegmentId segment) {
  if (device_class >= classes_->size() || segment >= segments_->size()) return false;
  auto& of_class = (*classes_)[device_class];
  auto& of_segment = (*segments_)[segment];
  if (!take_one(site_)) return false;
  if (!take_one(of_class)) {
    give_back(site_);
    return false;
  }
  if (!take_one(of_segment)) {
    give_back(of_class);
    give_back(site_);
    return false;
  }
  return true;
}

}  // namespace wardline::enforce
