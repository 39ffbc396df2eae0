#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/work/shape_step.h"

namespace wardline::work {

// Where the requests of an HTTP/1 client lie one after the other (RFC 9112, 6). Keeps no more of a line than it needs
// to know it. Stricter than servers are: what two of them might read differently (a folded header, two lengths, a
// length beside an encoding) is no HTTP here, so that no request can hide in the body of another.
class HttpShape {
 public:
  ShapeStep take(std::span<const std::byte> bytes);
  // Bytes of a body or chunk still to come, of a number that is known; and passing over so many or fewer of them.
  std::uint64_t counted_left() const { return phase_ == Phase::kBody || phase_ == Phase::kChunk ? remaining_ : 0; }
  ShapeStep pass_counted(std::uint64_t most);

 private:
  enum class Phase : std::uint8_t { kBetween, kHead, kBody, kChunkSize, kChunk, kChunkEnd, kTrailer };
  // Gathers one line; true when it is there whole.
  bool add_to_line(std::byte byte);
  bool end_of_head_line();  // false: no HTTP
  bool read_header(std::string_view line);
  bool read_chunk_size();
  ShapeStep::Answer after_head();
  ShapeStep::Answer end_of_line();
  std::string_view line() const { return {line_.data(), std::min<std::size_t>(line_length_, line_.size())}; }
  void begin_line() { line_length_ = 0; }

  Phase phase_ = Phase::kBetween;
  bool first_line_ = true, chunked_ = false, has_length_ = false;
  std::array<char, 64> line_{};    // the start of a line, without its end
  std::uint32_t line_length_ = 0;  // the whole of it
  std::uint64_t last_bytes_ = 0;   // the seven bytes before the line's end, with its CR
  std::uint64_t remaining_ = 0;    // of a body or chunk
};

}  // namespace wardline::work
