#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "perf/generator/random.h"
#include "perf/generator/udp_frame.h"

namespace wardline::perf {

inline PayloadWords words_of(const std::array<std::uint8_t, 22>& bytes) {
  PayloadWords words;
  std::memcpy(reinterpret_cast<std::byte*>(&words.first) + 2, bytes.data(), 6);
  std::memcpy(&words.second, bytes.data() + 6, 8);
  std::memcpy(&words.third, bytes.data() + 14, 8);
  return words;
}

// RTP (RFC 3550) with a header extension of one element (RFC 8285): what shipped signatures prove in one datagram, of
// an application in which nothing more is looked for. The sequence number advances with every frame of a queue.
class RtpPayload {
 public:
  PayloadWords next(Random&) { return with_number(number_++); }

  bool is_one(const PayloadWords& found) const {
    const auto number = static_cast<std::uint16_t>(found.first >> 32);
    const PayloadWords made = with_number(number);
    return made.first == found.first && made.second == found.second && made.third == found.third;
  }

 private:
  PayloadWords with_number(std::uint16_t wire_number) const {
    PayloadWords words = base_;
    words.first |= std::uint64_t{wire_number} << 32;
    return words;
  }

  static constexpr std::array<std::uint8_t, 22> kBytes{0x90, 0x00, 0, 0, 0, 0, 0, 0, 0x57, 0x4c, 0x00, 0x01,
                                                       0xbe, 0xde, 0, 1, 0x10, 0xff, 0, 0, 0xd5, 0xd5};
  PayloadWords base_ = words_of(kBytes);
  std::uint16_t number_ = 0;
};

// Pseudo-random bytes, new in each frame: no application, so all of it is scanned.
class RandomPayload {
 public:
  PayloadWords next(Random& random) {
    return {random.next() & ~std::uint64_t{0xffff}, random.next(), random.next()};
  }
  bool is_one(const PayloadWords&) const { return true; }  // the checksum tells
};

}  // namespace wardline::perf
