#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/reason.h"

namespace wardline {

// A leg of a pair: which way a frame travels.
enum class Side : std::uint8_t { kDevice = 0, kCore = 1 };
constexpr Side other(Side side) {
  return side == Side::kDevice ? Side::kCore : Side::kDevice;
}

// One received frame. Whoever does the I/O fills it; Worker::process writes the verdict: `drop` and `held`.
// `bytes` is linear: the runtime copies a multi-segment mbuf into a scratch buffer first. The worker only reads it.
// Each burst takes fresh ones: a verdict is only written where it is another than "forward".
struct alignas(32) Frame {
  std::span<const std::byte> bytes;
  std::uint32_t wire_length = 0;  // what it measured on the wire; more than bytes.size() means truncated: malformed
  std::uint8_t pair = 0;          // within the bundle
  Side side = Side::kDevice;      // the leg it came in by; forwarded frames leave by the other leg of the same pair
  Reason drop = Reason::kNone;    // out: kNone = forward
  bool held = false;              // out: neither, the worker keeps a copy and judges it later
  void* handle = nullptr;         // the I/O layer's own (an mbuf); untouched by the worker
};
static_assert(sizeof(Frame) == 32, "two of a cache line");

// A frame that the worker made itself (a reject). Counted as `created`.
struct CreatedFrame {
  std::array<std::byte, 128> bytes;
  std::uint16_t length = 0;
  std::uint8_t pair = 0;
  Side out = Side::kDevice;  // the leg it leaves by
};

// A frame that was held and may go now. The bytes are the worker's and stand until its next process().
struct ReleasedFrame {
  std::span<const std::byte> bytes;
  std::uint8_t pair = 0;
  Side out = Side::kDevice;  // the leg it leaves by
};

// One burst: in by `frames`, out by each frame's `drop` and `held`, by `all_pass`, by `released` and by `created`.
struct Batch {
  static constexpr std::size_t kMaxFrames = 32;
  static constexpr std::size_t kMaxCreated = 8;
  static constexpr std::size_t kMaxReleased = 64;  // the fragments of one datagram

  std::array<Frame, kMaxFrames> frames;
  std::size_t size = 0;
  bool all_pass = false;  // no frame's `drop` or `held` is set, so that nobody needs to look; false says nothing
  std::array<CreatedFrame, kMaxCreated> created;
  std::size_t created_count = 0;
  std::array<ReleasedFrame, kMaxReleased> released;
  std::size_t released_count = 0;

  std::span<Frame> used() { return {frames.data(), size}; }
};

}  // namespace wardline
