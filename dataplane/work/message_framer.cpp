#include "dataplane/work/message_framer.h"

#include <algorithm>

#include "dataplane/flow/flow_record.h"

namespace wardline::work {
namespace {

constexpr std::uint8_t kHeaderBytes = 8;  // MBAP header and function code

std::uint64_t hash_of(std::span<const std::byte> bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::byte byte : bytes) hash = (hash ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001b3;
  return hash;
}

// Modbus Application Protocol 1.1b3, 6: the functions that change nothing. 43 is read device identification, which
// shares its code with CANopen transport; as the second is no part of Modbus devices here, it counts as reading.
bool reads(std::uint8_t function) {
  switch (function) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 7:
    case 11:
    case 12:
    case 17:
    case 20:
    case 24:
    case 43:
      return true;
    default:
      return false;
  }
}

}  // namespace

ModbusFramer::Answer ModbusFramer::consume(std::span<const std::byte> bytes, bool reads_only) {
  while (!bytes.empty()) {
    if (remaining_ != 0) {
      const auto skip = std::min<std::size_t>(remaining_, bytes.size());
      remaining_ = static_cast<std::uint16_t>(remaining_ - skip);
      bytes = bytes.subspan(skip);
      continue;
    }
    header_[header_have_++] = std::to_integer<std::uint8_t>(bytes.front());
    bytes = bytes.subspan(1);
    if (header_have_ < kHeaderBytes) continue;
    header_have_ = 0;
    const auto length = static_cast<std::uint16_t>(header_[4] << 8 | header_[5]);
    if (header_[2] != 0 || header_[3] != 0 || length < 2 || length > 254) return Answer::kNotModbus;
    if (reads_only && !reads(header_[7])) return Answer::kForbidden;
    remaining_ = static_cast<std::uint16_t>(length - 2);  // unit and function are behind us
  }
  return Answer::kPass;
}

// How many bytes at the start of `segment` repeat remembered segments, one after the other.
std::size_t ModbusFramer::sent_before(std::uint32_t sequence, std::span<const std::byte> segment) const {
  std::size_t known = 0;
  for (std::size_t step = 0; step < kRemembered && known < segment.size(); ++step) {
    const auto rest = segment.subspan(known);
    const auto match = std::ranges::find_if(sent_, [&](const Sent& sent) {
      return sent.length != 0 && sent.length <= rest.size() &&
             sent.sequence == sequence + static_cast<std::uint32_t>(known) &&
             sent.hash == hash_of(rest.first(sent.length));
    });
    if (match == sent_.end()) break;
    known += match->length;
  }
  return known;
}

ModbusFramer::Answer ModbusFramer::judge(std::uint32_t sequence, std::span<const std::byte> segment, bool reads_only) {
  if (segment.empty()) return Answer::kPass;
  const auto ahead = static_cast<std::int32_t>(sequence - next_);
  if (ahead > 0) return Answer::kOutOfOrder;
  const auto end = sequence + static_cast<std::uint32_t>(segment.size());
  if (static_cast<std::int32_t>(end - acknowledged_) <= 0) return Answer::kPass;
  if (ahead < 0) {
    const auto known = sent_before(sequence, segment);
    segment = segment.subspan(known);
    sequence += static_cast<std::uint32_t>(known);
    if (segment.empty()) return Answer::kPass;
    if (sequence != next_) return Answer::kContradiction;
  }
  const auto answer = consume(segment, reads_only);
  if (answer != Answer::kPass) return answer;
  next_ += static_cast<std::uint32_t>(segment.size());
  sent_[sent_next_] = {sequence, static_cast<std::uint32_t>(segment.size()), hash_of(segment)};
  sent_next_ = static_cast<std::uint8_t>((sent_next_ + 1) % kRemembered);
  return Answer::kPass;
}

FramerPool::FramerPool(std::uint32_t capacity)
    : states_(std::make_unique<MessageState[]>(capacity)), free_(capacity == 0 ? flow::kNoSide : 0) {
  for (std::uint32_t i = 0; i < capacity; ++i) states_[i].next_free = i + 1 < capacity ? i + 1 : flow::kNoSide;
}

std::uint32_t FramerPool::take() {
  const auto index = free_;
  if (index == flow::kNoSide) return flow::kNoSide;
  free_ = states_[index].next_free;
  states_[index] = {};
  return index;
}

void FramerPool::give_back(std::uint32_t index) {
  states_[index].next_free = free_;
  free_ = index;
}

}  // namespace wardline::work
