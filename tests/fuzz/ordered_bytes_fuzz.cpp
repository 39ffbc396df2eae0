// Segments of one direction in any order, sliding on as inspection does: what was judged in order is one stream, and
// nothing that was forwarded differs from it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <vector>

#include "dataplane/flow/ordered_bytes.h"

namespace {

using wardline::flow::Fit;
using Window = wardline::flow::OrderedBytes<64>;

// The slow twin: what was forwarded of each place of the stream.
struct Forwarded {
  std::vector<std::optional<std::byte>> at = std::vector<std::optional<std::byte>>(4096);
  void take(std::size_t from, std::span<const std::byte> bytes, std::size_t held_from) {
    for (std::size_t i = 0; i < bytes.size() && from + i < at.size(); ++i) {
      auto& cell = at[from + i];
      if (from + i >= held_from && cell && *cell != bytes[i]) std::abort();  // the window still knew this byte
      if (!cell) cell = bytes[i];
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint32_t kFirst = 0xfffffff0;  // so that sequence numbers wrap
  Window window;
  window.start(kFirst);
  Forwarded forwarded;
  auto rest = std::as_bytes(std::span(data, size));
  while (rest.size() > 3) {
    const auto offset = std::to_integer<std::size_t>(rest[0]) | (std::to_integer<std::size_t>(rest[1]) & 0x0f) << 8;
    const bool slides = (std::to_integer<unsigned>(rest[1]) & 0x10) != 0;
    const bool dropped = (std::to_integer<unsigned>(rest[1]) & 0x20) != 0;
    const auto length = std::min<std::size_t>(std::to_integer<std::size_t>(rest[2]) & 0x3f, rest.size() - 3);
    const auto segment = rest.subspan(3, length);
    rest = rest.subspan(3 + length);
    if (slides) window.slide(16);
    const std::size_t held_from = window.base_sequence() - kFirst;
    const auto fit = window.offer(kFirst + static_cast<std::uint32_t>(offset), segment);
    const bool goes = !dropped && (fit == Fit::kInOrder || fit == Fit::kAhead || fit == Fit::kRetransmission);
    if (!goes) {
      window.discard();
      continue;
    }
    const std::size_t room = held_from + Window::kLimit;
    const auto fits = segment.first(offset >= room ? 0 : std::min(segment.size(), room - offset));
    forwarded.take(offset, fits, held_from);
    window.commit();
    const auto prefix = window.prefix();
    for (std::size_t i = 0; i < prefix.size() && held_from + i < forwarded.at.size(); ++i)
      if (forwarded.at[held_from + i] != prefix[i]) std::abort();  // what is judged is what went on
  }
  return 0;
}
