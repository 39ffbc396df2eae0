#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "dataplane/facts/fact.h"
#include "dataplane/work/http_shape.h"
#include "dataplane/work/shape_step.h"

namespace wardline::work {

// Where the messages of one direction of a TCP connection lie one after the other, told as the bytes come. Most
// protocols begin a message with its length; MLLP ends it with two bytes; HTTP has a shape of its own.
class MessageShape {
 public:
  // Whether messages of this direction tell facts and so must be followed: what the other one brings then passes.
  static bool follows(facts::Reader reader, bool from_client);

  void start(facts::Reader reader) {
    *this = {};
    reader_ = reader;
  }
  // Looks at the front of `bytes`, which must not be empty, and never beyond the end of a message. After garbage
  // everything is garbage: where a message would begin is not known any more.
  ShapeStep take(std::span<const std::byte> bytes);
  // Bytes of the current message still to come, where their number is known; and passing over so many or fewer of them.
  std::uint64_t counted_left() const {
    return reader_ == facts::Reader::kHttp ? http_.counted_left() : counted_ ? remaining_ : 0;
  }
  ShapeStep pass_counted(std::uint64_t most);

 private:
  ShapeStep take_counted(std::span<const std::byte> bytes);
  std::optional<ShapeStep> take_at_once(std::span<const std::byte> bytes);
  ShapeStep take_mllp(std::span<const std::byte> bytes);

  enum class Mllp : std::uint8_t { kBetween, kInside, kMayEnd };
  facts::Reader reader_ = facts::Reader::kNone;
  Mllp mllp_ = Mllp::kBetween;
  bool garbage_ = false;
  bool counted_ = false;  // the length of the current message is known
  std::uint8_t lead_have_ = 0;
  std::array<std::uint8_t, 8> lead_{};  // its first bytes, until then
  std::uint64_t remaining_ = 0;         // bytes of it still to come
  HttpShape http_;
};

}  // namespace wardline::work
