#include "dataplane/work/http_shape.h"

#include <algorithm>
#include <charconv>

#include "dataplane/facts/wire_text.h"

namespace wardline::work {
namespace {

using Answer = ShapeStep::Answer;

bool begins_caseless(std::string_view line, std::string_view name) {
  return line.size() > name.size() && facts::equal_caseless(line.substr(0, name.size()), name);
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

constexpr std::uint64_t packed(std::string_view seven) {
  std::uint64_t value = 0;
  for (const char letter : seven) value = value << 8 | static_cast<std::uint8_t>(letter);
  return value;
}

template <typename Number>
bool read_number(std::string_view text, int base, Number& value) {
  constexpr std::size_t kMaxDigits = 15;
  if (text.empty() || text.size() > kMaxDigits) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

bool HttpShape::add_to_line(std::byte byte) {
  const auto letter = static_cast<char>(byte);
  if (letter == '\n') {
    // A receiver may take a bare line feed as the end of a line (RFC 9112, 2.2).
    const bool carriage_return = (last_bytes_ & 0xff) == '\r';
    if (carriage_return && line_length_ != 0) --line_length_, last_bytes_ >>= 8;
    return true;
  }
  if (line_length_ < line_.size()) line_[line_length_] = letter;
  ++line_length_;
  last_bytes_ = last_bytes_ << 8 | static_cast<std::uint8_t>(letter);
  return false;
}

bool HttpShape::read_header(std::string_view line) {
  constexpr std::string_view kLength = "content-length", kEncoding = "transfer-encoding";
  if (line.front() == ' ' || line.front() == '\t') return false;
  const bool length = begins_caseless(line, kLength), encoding = begins_caseless(line, kEncoding);
  if (!length && !encoding) return true;
  const auto colon = length ? kLength.size() : kEncoding.size();
  if (line[colon] == ' ' || line[colon] == '\t') return false;
  if (line[colon] != ':') return true;  // another header whose name only begins so
  if (line_length_ > line_.size()) return false;
  const auto value = trimmed(line.substr(colon + 1));
  if (encoding) {
    if (chunked_ || has_length_ || !facts::equal_caseless(value, "chunked")) return false;
    return chunked_ = true;
  }
  std::uint64_t number = 0;
  if (chunked_ || !read_number(value, 10, number) || (has_length_ && number != remaining_)) return false;
  remaining_ = number;
  return has_length_ = true;
}

bool HttpShape::read_chunk_size() {
  if (line_length_ > line_.size()) return false;
  return read_number(trimmed(line().substr(0, line().find(';'))), 16, remaining_);
}

Answer HttpShape::after_head() {
  if (chunked_)
    phase_ = Phase::kChunkSize;
  else
    phase_ = remaining_ != 0 ? Phase::kBody : Phase::kBetween;
  return phase_ == Phase::kBetween ? Answer::kEnd : Answer::kHeadEnd;
}

Answer HttpShape::end_of_line() {
  const bool empty = line_length_ == 0;
  switch (phase_) {
    case Phase::kHead:
      if (first_line_) {
        first_line_ = false;
        const std::uint64_t last_seven =
            last_bytes_ & 0xff'ffff'ffff'ffff;  // the eighth may have been pushed out by CR
        const bool version = last_seven == packed("TTP/1.1") || last_seven == packed("TTP/1.0");
        return version && line_length_ > 8 ? Answer::kMore : Answer::kGarbage;
      }
      if (empty) return after_head();
      return read_header(line()) ? Answer::kMore : Answer::kGarbage;
    case Phase::kChunkSize:
      if (!read_chunk_size()) return Answer::kGarbage;
      phase_ = remaining_ != 0 ? Phase::kChunk : Phase::kTrailer;
      return Answer::kMore;
    case Phase::kChunkEnd:
      phase_ = Phase::kChunkSize;
      return empty ? Answer::kMore : Answer::kGarbage;
    case Phase::kTrailer:
      if (!empty) return Answer::kMore;
      phase_ = Phase::kBetween;
      return Answer::kEnd;
    default:
      return Answer::kGarbage;
  }
}

ShapeStep HttpShape::pass_counted(std::uint64_t most) {
  const auto taken = static_cast<std::size_t>(std::min(remaining_, most));
  remaining_ -= taken;
  if (remaining_ != 0) return {Answer::kMore, taken, true};
  const bool body = phase_ == Phase::kBody;
  phase_ = body ? Phase::kBetween : Phase::kChunkEnd;
  begin_line();
  return {body ? Answer::kEnd : Answer::kMore, taken, true};
}

ShapeStep HttpShape::take(std::span<const std::byte> bytes) {
  if (counted_left() != 0) return pass_counted(bytes.size());
  std::size_t at = 0;
  if (phase_ == Phase::kBetween) {
    const auto letter = static_cast<char>(bytes.front());
    if (letter == '\r' || letter == '\n') return {Answer::kBetween, 1};  // RFC 9112, 2.2
    if (!facts::is_alphanumeric(letter)) return {Answer::kGarbage};
    *this = {};
    phase_ = Phase::kHead;
  }
  while (at < bytes.size()) {
    if (!add_to_line(bytes[at++])) continue;
    const Answer answer = end_of_line();
    begin_line();
    last_bytes_ = 0;
    if (answer != Answer::kMore || phase_ == Phase::kChunk) return {answer, at};
  }
  return {Answer::kMore, at};
}

}  // namespace wardline::work
