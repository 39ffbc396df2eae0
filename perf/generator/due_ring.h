#pragma once
#include <array>
#include <cstdint>

namespace wardline::perf {

// A leg's descriptor ring: frames that are due and were not asked for yet. What comes while it is full is missed, as it
// is by a card.
class DueRing {
 public:
  static constexpr std::uint32_t kPlaces = 4096;

  struct Due {
    std::uint64_t time;  // TSC
    std::uint64_t item;  // which frame, where the workload is a file
  };

  bool push(Due due) {
    if (in_ - out_ == kPlaces) return false;
    places_[in_++ % kPlaces] = due;
    return true;
  }
  Due pop() { return places_[out_++ % kPlaces]; }
  std::uint32_t waiting() const { return in_ - out_; }
  void clear() { out_ = in_; }

 private:
  std::uint32_t in_ = 0, out_ = 0;
  std::array<Due, kPlaces> places_;
};

}  // namespace wardline::perf
