#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "perf/generator/ones_sum.h"
#include "perf/generator/random.h"
#include "perf/generator/udp_frame.h"

namespace wardline::perf {

// Of the payload words of frame i.
inline std::uint32_t payload_sum(const Burst& frames, std::size_t i) {
  const auto halves = [](std::uint64_t word) { return (word & 0xffff'ffff) + (word >> 32); };
  return fold(halves(frames.first[i]) + halves(frames.second[i]) + halves(frames.third[i]));
}

// RTP (RFC 3550) with a header extension of one element (RFC 8285): what shipped signatures prove in one datagram, of
// an application in which nothing more is looked for. The sequence number advances with every frame of a queue.
class RtpPayload {
 public:
  RtpPayload() {
    constexpr std::array<std::uint8_t, 24> kBytes{0,    0,  // the UDP checksum's place
                                                  0x90, 0x00, 0, 0, 0,    0,    0, 0, 0x57, 0x4c, 0x00,
                                                  0x01, 0xbe, 0xde, 0, 1, 0x10, 0xff, 0, 0,    0xd5, 0xd5};
    std::memcpy(words_.data(), kBytes.data(), kBytes.size());
    sum_ = fold(sum_of(reinterpret_cast<const std::byte*>(kBytes.data()), kBytes.size()));
  }

  void put_into(Burst& frames, Random&) {
    const auto [first, second, third] = words_;
    for (std::uint32_t i = 0; i < Burst::kMost; ++i) {
      const std::uint32_t number = (number_ + i) & 0xffff;
      frames.first[i] = first | std::uint64_t{number} << 32;
      frames.second[i] = second;
      frames.third[i] = third;
      frames.payload_sum[i] = sum_ + number;
    }
    number_ += Burst::kMost;
  }

  bool is_in(const Burst& frames) const {
    constexpr std::uint64_t kNumber = std::uint64_t{0xffff} << 32;
    return (frames.first[0] & ~kNumber) == words_[0] && frames.second[0] == words_[1] && frames.third[0] == words_[2];
  }

 private:
  std::array<std::uint64_t, 3> words_;
  std::uint32_t sum_;
  std::uint32_t number_ = 0;
};

// Pseudo-random bytes, new in each frame: no application, so all of it is scanned.
class RandomPayload {
 public:
  void put_into(Burst& frames, Random& random) {
    for (std::size_t i = 0; i < Burst::kMost; ++i) {
      frames.first[i] = random.next() & ~std::uint64_t{0xffff};
      frames.second[i] = random.next();
      frames.third[i] = random.next();
      frames.payload_sum[i] = payload_sum(frames, i);
    }
  }
  bool is_in(const Burst&) const { return true; }  // the checksum tells
};

}  // namespace wardline::perf
