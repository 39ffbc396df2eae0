#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/capture/recording.h"
#include "dataplane/snapshot_publisher.h"
#include "dataplane/tick.h"

namespace wardline::capture {

// What a person asks for.
struct Wish {
  std::string user, filter;
  std::uint64_t seconds = 0;
  std::uint64_t limit = 100'000;      // frames
  std::size_t snap = Headers::kMost;  // bytes of a frame's headers
};
inline constexpr std::uint64_t kLongestCapture = 600, kMostFrames = 1'000'000;
inline constexpr std::size_t kLeastSnap = 14;

enum class End : std::uint8_t { kNone, kTime, kLimit, kStopped, kClientGone, kShutdown };
std::string_view text_of(End end);  // "" where it has not ended

// A capture from the opening of the workers' taps to the last frame taken. It ends by its time, its limit, a word, or
// when nobody takes frames for kPatience. One control thread; workers write into its recordings meanwhile.
class LiveCapture {
 public:
  static constexpr Tick kPatience = 5 * kSecond;

  // `taps` and `publisher` must outlive it.
  LiveCapture(Wish wish, Filter filter, std::vector<Tap*> taps, SnapshotPublisher& publisher, Tick now);
  // Needs settled(), or workers whose threads have ended.
  ~LiveCapture();
  LiveCapture(const LiveCapture&) = delete;
  LiveCapture& operator=(const LiveCapture&) = delete;

  // The oldest frames that wait, in the order of their time; at most `most`, and never more than the limit in all.
  std::vector<CapturedFrame> take(std::size_t most, Tick now);
  void watch(Tick now);  // ends it when it is time
  void end(End why);     // the first reason stands

  End ended() const { return end_; }
  bool abandoned(Tick now) const { return now >= asked_at_ + kPatience; }
  bool settled() const;  // ended, and no worker writes any more
  bool empty() const;    // nothing waits that may still be taken
  const Wish& wish() const { return wish_; }
  std::uint64_t taken() const { return taken_; }
  std::uint64_t wanted() const;  // met the filter; what is not taken of it was lost

 private:
  const Wish wish_;
  std::vector<Tap*> taps_;
  SnapshotPublisher& publisher_;
  std::vector<std::unique_ptr<Recording>> recordings_;
  Tick ends_at_, asked_at_;
  End end_ = End::kNone;
  std::uint64_t stamp_ = 0, taken_ = 0;
};

}  // namespace wardline::capture
