#include "controlplane/replay/legs.h"

#include <utility>

namespace wardline::replay {

Result<Legs> Legs::open(std::span<const Bundle> bundles) {
  Legs legs;
  for (std::uint16_t i = 0; i < bundles.size(); ++i) {
    if (auto added = legs.add(bundles[i].device_leg, i, Side::kDevice); !added) return std::unexpected(added.error());
    if (auto added = legs.add(bundles[i].core_leg, i, Side::kCore); !added) return std::unexpected(added.error());
  }
  for (auto& leg : legs.legs_) leg.waits = leg.reader.next();
  return legs;
}

Result<void> Legs::add(const std::string& capture, std::uint16_t bundle, Side side) {
  if (capture.empty()) return {};
  auto reader = CaptureReader::open(capture);
  if (!reader) return std::unexpected(reader.error());
  legs_.push_back({std::move(*reader), bundle, side, std::nullopt});
  return {};
}

std::optional<Legs::Received> Legs::next() {
  if (given_) legs_[*given_].waits = legs_[*given_].reader.next();
  given_.reset();
  for (std::size_t i = 0; i < legs_.size(); ++i) {
    if (!legs_[i].waits) continue;
    if (!given_ || legs_[i].waits->time < legs_[*given_].waits->time) given_ = i;
  }
  if (!given_) return std::nullopt;
  const auto& first = legs_[*given_];
  return Received{*first.waits, first.bundle, first.side};
}

std::vector<std::string> Legs::warnings() const {
  std::vector<std::string> list;
  for (const auto& leg : legs_)
    if (!leg.reader.warning().empty()) list.push_back(leg.reader.warning());
  return list;
}

}  // namespace wardline::replay
