// A live capture on any bytes: as a frame, no byte of its payload is kept and a filter reads nothing beyond; as the
// text of a filter, it is refused or compiled.
#include <cstdlib>

#include "controlplane/capture/filter_text.h"
#include "dataplane/packet/packet_view.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  static const auto filter = capture::read_filter("host 10.1.0.2 or portrange 104-2762 or less 60 or not icmp6");
  const auto frame = std::as_bytes(std::span(data, size));
  const auto view = packet::parse(frame);
  const auto headers = capture::cut_headers(frame);
  const auto* end = frame.data() + headers.length;
  if (headers.length > size) std::abort();
  if (!view.payload.empty() && view.shape != packet::Shape::kMalformed && end > view.payload.data()) std::abort();
  filter->wants(headers, static_cast<std::uint32_t>(size));
  (void)capture::read_filter({reinterpret_cast<const char*>(data), size});
  return 0;
}
