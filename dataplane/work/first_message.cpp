#include "dataplane/work/first_message.h"

#include <algorithm>

#include "dataplane/facts/wire_text.h"
#include "dataplane/packet/cursor.h"
#include "dataplane/work/message_shape.h"

namespace wardline::work {
namespace {

// A handshake message may lie in several records (RFC 8446, 5.1): type 22, version, length; the message has its type
// and three bytes of length. Both headers stand in the first record of every stack known.
bool hello_whole(std::span<const std::byte> bytes) {
  constexpr std::uint8_t kHandshake = 22;
  constexpr std::size_t kMaxRecords = 64;
  packet::Cursor records(bytes);
  std::size_t wanted = 0, have = 0;
  for (std::size_t i = 0; i < kMaxRecords; ++i) {
    const auto head = records.take<5>();
    if (records.failed()) return false;
    if (head.u8<0>() != kHandshake) return true;
    const auto there = records.take(std::min<std::size_t>(head.u16<3>(), records.left()));
    if (i == 0) {
      packet::Cursor message(there);
      wanted = 4 + (message.u32() & 0xffffff);
      if (message.failed()) return there.size() == head.u16<3>();
    }
    have += there.size();
    if (have >= wanted) return true;
    if (there.size() < head.u16<3>()) return false;
  }
  return true;
}

bool counted_whole(facts::Reader reader, std::span<const std::byte> bytes) {
  MessageShape shape;
  shape.start(reader);
  while (!bytes.empty()) {
    const auto step = shape.take(bytes);
    if (step.answer == ShapeStep::Answer::kEnd || step.answer == ShapeStep::Answer::kGarbage) return true;
    bytes = bytes.subspan(step.taken);
  }
  return false;
}

}  // namespace

bool first_message_whole(facts::Reader reader, std::span<const std::byte> bytes) {
  using facts::Reader;
  if (bytes.empty()) return false;
  switch (reader) {
    case Reader::kTls:
      return hello_whole(bytes);
    case Reader::kHttp:
    case Reader::kSip: {
      const auto text = facts::text_of(bytes);
      return text.find("\r\n\r\n") != std::string_view::npos || text.find("\n\n") != std::string_view::npos;
    }
    case Reader::kDicom:
    case Reader::kSmb1:
    case Reader::kSmb2:
    case Reader::kMqtt:
      return counted_whole(reader, bytes);
    default:
      return true;
  }
}

}  // namespace wardline::work
