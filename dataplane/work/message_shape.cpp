#include "dataplane/work/message_shape.h"

#include <algorithm>
#include <cstring>

namespace wardline::work {
namespace {

using facts::Reader;
using Answer = ShapeStep::Answer;
using Lead = std::span<const std::uint8_t>;

constexpr std::uint64_t kNeedMore = 0, kNotIt = ~std::uint64_t{0};

// The length of a whole message by its first bytes, kNeedMore, or kNotIt. Never asks for more than eight bytes.

// Modbus Messaging on TCP/IP 1.0b, 3.1.3: bytes 4-5 count what follows, at most 254 bytes with the unit.
std::uint64_t modbus_length(Lead lead) {
  if (lead.size() < 6) return kNeedMore;
  const auto length = static_cast<std::uint64_t>(lead[4] << 8 | lead[5]);
  return lead[2] != 0 || lead[3] != 0 || length < 2 || length > 254 ? kNotIt : 6 + length;
}

// DICOM PS3.8, 9.3: types 1 to 7, a reserved byte, four bytes of length.
std::uint64_t dicom_length(Lead lead) {
  if (lead[0] < 1 || lead[0] > 7) return kNotIt;
  if (lead.size() < 6) return kNeedMore;
  return 6 + (std::uint64_t{lead[2]} << 24 | std::uint64_t{lead[3]} << 16 | std::uint64_t{lead[4]} << 8 | lead[5]);
}

// CIP volume 2, 2-3: a header of 24 bytes, little endian: command, then the length of what follows the header. The
// commands that are defined are below 256.
std::uint64_t enip_length(Lead lead) {
  if (lead.size() < 4) return kNeedMore;
  if (lead[1] != 0) return kNotIt;
  return 24 + static_cast<std::uint64_t>(lead[2] | lead[3] << 8);
}

// MQTT 3.1.1 and 5, 2.1.4: one byte of type, then up to four of length, seven bits each.
std::uint64_t mqtt_length(Lead lead) {
  if (lead[0] >> 4 == 0) return kNotIt;
  std::uint64_t value = 0;
  for (std::size_t i = 1; i < lead.size() && i <= 4; ++i) {
    value |= std::uint64_t{lead[i] & 0x7fU} << (7 * (i - 1));
    if ((lead[i] & 0x80) == 0) return 1 + i + value;
  }
  return lead.size() > 4 ? kNotIt : kNeedMore;
}

// RFC 1035, 4.2.2: two bytes of length; a DNS message has a header of 12.
std::uint64_t dns_length(Lead lead) {
  if (lead.size() < 2) return kNeedMore;
  const auto length = static_cast<std::uint64_t>(lead[0] << 8 | lead[1]);
  return length < 12 ? kNotIt : 2 + length;
}

// RFC 1002, 4.3.1, and direct hosting ([MS-SMB2] 2.1): a type, then three bytes of length.
std::uint64_t smb_length(Lead lead) {
  if (lead[0] != 0 && (lead[0] < 0x81 || lead[0] > 0x85)) return kNotIt;
  if (lead.size() < 4) return kNeedMore;
  return 4 + (std::uint64_t{lead[1]} << 16 | std::uint64_t{lead[2]} << 8 | lead[3]);
}

// RFC 3430, 2.1: SNMP messages follow each other as BER sequences do.
std::uint64_t snmp_length(Lead lead) {
  if (lead[0] != 0x30) return kNotIt;
  if (lead.size() < 2) return kNeedMore;
  if (lead[1] < 0x80) return 2 + std::uint64_t{lead[1]};
  const std::size_t bytes = lead[1] & 0x7fU;
  if (bytes == 0 || bytes > 4) return kNotIt;
  if (lead.size() < 2 + bytes) return kNeedMore;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | lead[2 + i];
  return 2 + bytes + value;
}

std::uint64_t length_of(Reader reader, Lead lead) {
  switch (reader) {
    case Reader::kModbus:
      return modbus_length(lead);
    case Reader::kDicom:
      return dicom_length(lead);
    case Reader::kEnip:
      return enip_length(lead);
    case Reader::kMqtt:
      return mqtt_length(lead);
    case Reader::kDns:
      return dns_length(lead);
    case Reader::kSmb1:
    case Reader::kSmb2:
      return smb_length(lead);
    case Reader::kSnmp:
      return snmp_length(lead);
    default:
      return kNotIt;
  }
}

}  // namespace

bool MessageShape::follows(Reader reader, bool from_client) {
  switch (reader) {
    case Reader::kDicom:   // either side asks: C-STORE within a C-GET, N-EVENT-REPORT
    case Reader::kModbus:  // an answer that is none shows that the peers speak something else
      return true;
    case Reader::kHl7:
    case Reader::kHttp:
    case Reader::kDns:
    case Reader::kSmb1:
    case Reader::kSmb2:
    case Reader::kEnip:
    case Reader::kSnmp:
    case Reader::kMqtt:
      return from_client;
    default:
      return false;
  }
}

// A message whose first bytes are here together, as most are: all of it that is here, in one step. Its length was not
// told before.
std::optional<ShapeStep> MessageShape::take_at_once(std::span<const std::byte> bytes) {
  if (lead_have_ != 0) return std::nullopt;
  const auto have = std::min(bytes.size(), lead_.size());
  std::memcpy(lead_.data(), bytes.data(), have);
  const auto length = length_of(reader_, Lead(lead_).first(have));
  if (length == kNeedMore || length == kNotIt) return std::nullopt;
  remaining_ = length;
  ShapeStep step = pass_counted(bytes.size());
  step.counted = false;
  return step;
}

ShapeStep MessageShape::take_counted(std::span<const std::byte> bytes) {
  if (!counted_) {
    if (const auto step = take_at_once(bytes)) return *step;
    lead_[lead_have_++] = std::to_integer<std::uint8_t>(bytes.front());
    const auto length = length_of(reader_, Lead(lead_).first(lead_have_));
    if (length == kNotIt || (length == kNeedMore && lead_have_ == lead_.size())) return {Answer::kGarbage};
    if (length == kNeedMore) return {Answer::kMore, 1};
    remaining_ = length - lead_have_;
    counted_ = remaining_ != 0;
    lead_have_ = 0;
    return {counted_ ? Answer::kMore : Answer::kEnd, 1};
  }
  return pass_counted(bytes.size());
}

ShapeStep MessageShape::pass_counted(std::uint64_t most) {
  if (reader_ == Reader::kHttp) return http_.pass_counted(most);
  const auto taken = static_cast<std::size_t>(std::min(remaining_, most));
  remaining_ -= taken;
  counted_ = remaining_ != 0;
  return {counted_ ? Answer::kMore : Answer::kEnd, taken, true};
}

// HL7 MLLP release 1: 0B, the message, 1C 0D. Some senders put line ends between two messages.
ShapeStep MessageShape::take_mllp(std::span<const std::byte> bytes) {
  constexpr std::byte kStart{0x0b}, kEnd{0x1c}, kReturn{0x0d}, kFeed{0x0a};
  const std::byte first = bytes.front();
  switch (mllp_) {
    case Mllp::kBetween:
      if (first == kReturn || first == kFeed) return {Answer::kBetween, 1};
      if (first != kStart) return {Answer::kGarbage};
      mllp_ = Mllp::kInside;
      return {Answer::kMore, 1};
    case Mllp::kMayEnd:
      if (first == kReturn) {
        mllp_ = Mllp::kBetween;
        return {Answer::kEnd, 1};
      }
      if (first != kEnd) mllp_ = Mllp::kInside;
      return {Answer::kMore, 1};
    case Mllp::kInside:
      break;
  }
  const auto end = static_cast<std::size_t>(std::ranges::find(bytes, kEnd) - bytes.begin());
  if (end == bytes.size()) return {Answer::kMore, end};
  mllp_ = Mllp::kMayEnd;
  return {Answer::kMore, end + 1};
}

ShapeStep MessageShape::take(std::span<const std::byte> bytes) {
  if (garbage_) return {Answer::kGarbage};
  const ShapeStep step = reader_ == Reader::kHttp  ? http_.take(bytes)
                         : reader_ == Reader::kHl7 ? take_mllp(bytes)
                                                   : take_counted(bytes);
  garbage_ = step.answer == Answer::kGarbage;
  return step;
}

}  // namespace wardline::work
