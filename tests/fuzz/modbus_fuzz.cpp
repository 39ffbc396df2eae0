// Segments of a Modbus connection in any order, split and repeated: the framer must stay within its bounds.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/work/message_framer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  wardline::work::ModbusFramer framer;
  framer.start(0xfffffff0);  // so that sequence numbers wrap
  auto rest = std::as_bytes(std::span(data, size));
  std::uint32_t sequence = 0xfffffff0;
  while (rest.size() > 2) {
    const auto control = std::to_integer<std::uint8_t>(rest[0]);
    const auto length = std::min<std::size_t>(std::to_integer<std::uint8_t>(rest[1]), rest.size() - 2);
    const auto segment = rest.subspan(2, length);
    const auto answer = framer.judge(sequence + (control & 0x0f) - (control >> 7), segment, (control & 0x40) != 0);
    if (answer == wardline::work::ModbusFramer::Answer::kPass) sequence += static_cast<std::uint32_t>(length);
    rest = rest.subspan(2 + length);
  }
  return 0;
}
