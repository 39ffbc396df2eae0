// Segments of a connection in any order, split, repeated and acknowledged, in each protocol that is framed: the framer
// must stay within its bounds, and no message is judged without its head.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/work/first_message.h"
#include "dataplane/work/message_framer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto reader =
      static_cast<wardline::facts::Reader>(data[0] % static_cast<std::uint8_t>(wardline::facts::Reader::kCount));
  auto rest = std::as_bytes(std::span(data + 1, size - 1));
  wardline::work::first_message_whole(reader, rest);
  static wardline::work::MessageFramer framer;
  framer.start(reader, 0xfffffff0);  // so that sequence numbers wrap
  std::uint32_t sequence = 0xfffffff0;
  while (rest.size() > 2) {
    const auto control = std::to_integer<std::uint8_t>(rest[0]);
    const auto length = std::min<std::size_t>(std::to_integer<std::uint8_t>(rest[1]), rest.size() - 2);
    const auto segment = rest.subspan(2, length);
    const auto answer =
        framer.judge(sequence + (control & 0x0f) - (control >> 7), segment, [control](std::span<const std::byte> head) {
          if (head.empty() || head.size() > wardline::work::MessageFramer::kHeadBytes) __builtin_trap();
          return (control & 0x40) == 0 || head.front() != std::byte{0};
        });
    if (answer == wardline::work::MessageFramer::Answer::kPass) sequence += static_cast<std::uint32_t>(length);
    if ((control & 0x20) != 0) framer.acknowledged(sequence + (control & 0x0f) * 16U);
    rest = rest.subspan(2 + length);
  }
  return 0;
}
