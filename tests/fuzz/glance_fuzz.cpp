// A first look at a burst on any bytes at all: it reads nothing beyond a frame, and says of each what the parser says.
// The input is cut into up to eight frames by lengths of one byte, so that the lanes hold different ones.
#include <cstdlib>
#include <vector>

#include "tests/unit/dataplane/glance/agreement.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = std::as_bytes(std::span(data, size));
  std::vector<std::vector<std::byte>> frames;  // each in memory of its own, so that a read too far is seen
  while (rest.size() > 1 && frames.size() < 8) {
    const auto length = std::min<std::size_t>(std::to_integer<std::size_t>(rest[0]), rest.size() - 1);
    frames.emplace_back(rest.begin() + 1, rest.begin() + 1 + static_cast<std::ptrdiff_t>(length));
    frames.back().shrink_to_fit();
    rest = rest.subspan(1 + length);
  }
  for (const auto side : {wardline::Side::kDevice, wardline::Side::kCore})
    if (wardline::glance::test::disagreement(frames, side)) std::abort();
  return 0;
}
