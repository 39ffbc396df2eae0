#include "dataplane/capture/recording.h"

#include <algorithm>

namespace wardline::capture {

CapturedFrame* Recording::begin(std::span<const std::byte> frame, std::uint32_t wire_length) {
  wire_length = std::max(wire_length, static_cast<std::uint32_t>(frame.size()));
  const auto headers = cut_headers(frame);
  if (!filter_->wants(headers, wire_length)) return nullptr;
  wanted_.add();
  CapturedFrame* place = frames_.begin_put();
  if (place == nullptr) {
    lost_.add();
    return nullptr;
  }
  *place = {};
  place->wire_length = wire_length;
  place->length = headers.length;
  std::ranges::copy(headers.used(), place->bytes.begin());
  return place;
}

}  // namespace wardline::capture
