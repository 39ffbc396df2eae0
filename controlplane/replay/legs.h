#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "controlplane/replay/bundle.h"
#include "controlplane/replay/capture_reader.h"
#include "dataplane/batch.h"

namespace wardline::replay {

// What the legs of several bundles received, in the order of time. Of frames of one moment the earlier bundle's goes
// first, and the device leg's before the core leg's.
//
// Memory: one frame of each leg. One thread.
class Legs {
 public:
  // Codes as of CaptureReader.
  static Result<Legs> open(std::span<const Bundle> bundles);

  struct Received {
    CapturedFrame frame;  // valid until the next call of next()
    std::uint16_t bundle = 0;
    Side side = Side::kDevice;
  };
  std::optional<Received> next();

  std::vector<std::string> warnings() const;  // of captures that could be read in part only

 private:
  struct Leg {
    CaptureReader reader;
    std::uint16_t bundle;
    Side side;
    std::optional<CapturedFrame> waits;
  };
  Result<void> add(const std::string& capture, std::uint16_t bundle, Side side);

  std::vector<Leg> legs_;
  std::optional<std::size_t> given_;  // the leg whose frame the caller has
};

}  // namespace wardline::replay
