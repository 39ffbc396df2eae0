// The frame parser on any bytes at all: no read beyond them, and a view that keeps its word.
#include <cstdlib>

#include "dataplane/packet/packet_view.h"

using namespace wardline::packet;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const PacketView& view, std::span<const std::byte> frame) {
  if (!view.payload.empty()) {
    require(view.payload.data() >= frame.data());
    require(view.payload.data() + view.payload.size() <= frame.data() + frame.size());
  }
  require(view.tag_count <= view.vlans.size());
  require(view.network_offset <= frame.size());
  require(view.l4 == L4::kNone || !view.fragment || view.first_fragment);
  if (view.shape == Shape::kArp) require(view.source.is_v4() && view.target.is_v4());
  if (view.shape == Shape::kIp && !view.v6) require(view.source.is_v4() && view.target.is_v4());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto frame = std::as_bytes(std::span(data, size));
  const PacketView view = parse(frame);
  check(view, frame);
  checksum_holds(view, frame);
  return 0;
}
