#include "controlplane/capture/live_capture.h"

#include <algorithm>

namespace wardline::capture {

std::string_view text_of(End end) {
  switch (end) {
    case End::kTime:
      return "time";
    case End::kLimit:
      return "limit";
    case End::kStopped:
      return "stopped";
    case End::kClientGone:
      return "client_gone";
    case End::kShutdown:
      return "shutdown";
    default:
      return "";
  }
}

LiveCapture::LiveCapture(Wish wish, Filter filter, std::vector<Tap*> taps, SnapshotPublisher& publisher, Tick now)
    : wish_(std::move(wish)),
      taps_(std::move(taps)),
      publisher_(publisher),
      ends_at_(now + wish_.seconds * kSecond),
      asked_at_(now) {
  const auto shared = std::make_shared<const Filter>(std::move(filter));
  for (Tap* tap : taps_) {
    recordings_.push_back(std::make_unique<Recording>(shared));
    tap->open(*recordings_.back());
  }
}

LiveCapture::~LiveCapture() {
  for (Tap* tap : taps_) tap->close();
}

void LiveCapture::end(End why) {
  if (end_ != End::kNone) return;
  end_ = why;
  for (Tap* tap : taps_) tap->close();
  stamp_ = publisher_.stamp();  // after the taps: who passes it has met the closed ones
}

void LiveCapture::watch(Tick now) {
  if (now >= ends_at_) end(End::kTime);
  if (abandoned(now)) end(End::kClientGone);
}

bool LiveCapture::settled() const {
  return end_ != End::kNone && publisher_.passed(stamp_);
}

std::vector<CapturedFrame> LiveCapture::take(std::size_t most, Tick now) {
  asked_at_ = std::max(asked_at_, now);
  std::vector<CapturedFrame> frames;
  for (auto& recording : recordings_) {
    auto& ring = recording->frames();
    for (const auto* frame = ring.front(); frame != nullptr && frames.size() < most && taken_ < wish_.limit;
         frame = ring.front()) {
      frames.push_back(*frame);
      ring.pop();
      ++taken_;
    }
  }
  if (taken_ == wish_.limit) end(End::kLimit);
  std::ranges::stable_sort(frames, {}, &CapturedFrame::time);
  return frames;
}

bool LiveCapture::empty() const {
  return taken_ == wish_.limit ||
         std::ranges::all_of(recordings_, [](const auto& recording) { return recording->frames().front() == nullptr; });
}

std::uint64_t LiveCapture::wanted() const {
  std::uint64_t sum = 0;
  for (const auto& recording : recordings_) sum += recording->wanted();
  return sum;
}

}  // namespace wardline::capture
