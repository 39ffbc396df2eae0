#pragma once
#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>

namespace wardline {

// Single producer (a worker), single consumer (the control plane's event thread), fixed size, never blocks.
// `reserve` keeps room for worthier items: a put with reserve r fails when fewer than r places would stay free.
template <typename T>
class SpscRing {
 public:
  explicit SpscRing(std::size_t capacity) : mask_(std::bit_ceil(capacity) - 1), items_(new T[mask_ + 1]) {}

  std::size_t capacity() const { return mask_ + 1; }

  bool put(const T& item, std::size_t reserve = 0) {
    T* place = begin_put(reserve);
    if (place == nullptr) return false;
    *place = item;
    finish_put();
    return true;
  }

  // Producer: more than `level` items wait.
  bool fuller_than(std::size_t level) {
    const auto tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_seen_ <= level) return false;
    head_seen_ = head_.load(std::memory_order_acquire);
    return tail - head_seen_ > level;
  }

  // In place, for large items: fill what is returned, then finish_put(). Null when full.
  T* begin_put(std::size_t reserve = 0) {
    const auto tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_seen_ + reserve > mask_) {
      head_seen_ = head_.load(std::memory_order_acquire);  // the consumer is done with what it released
      if (tail - head_seen_ + reserve > mask_) return nullptr;
    }
    return &items_[tail & mask_];
  }
  void finish_put() {
    // Release: the consumer sees the item before it sees the new tail.
    tail_.store(tail_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  // Consumer: the oldest item or null; valid until pop().
  const T* front() const {
    const auto head = head_.load(std::memory_order_relaxed);
    return head == tail_.load(std::memory_order_acquire) ? nullptr : &items_[head & mask_];
  }
  void pop() { head_.store(head_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

  std::size_t size() const { return tail_.load(std::memory_order_acquire) - head_.load(std::memory_order_acquire); }

 private:
  const std::size_t mask_;
  std::unique_ptr<T[]> items_;
  alignas(128) std::atomic<std::size_t> tail_{0};
  std::size_t head_seen_ = 0;  // producer's own, stale on the safe side
  alignas(128) std::atomic<std::size_t> head_{0};
};

}  // namespace wardline
