#include "dataplane/packet/checksum.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace wardline::packet {
namespace {

using Bytes = std::vector<std::byte>;

// RFC 1071, 1: words of 16 bits in memory's order, added with the carry going round; a zero follows an odd byte.
std::uint16_t word_by_word(const Bytes& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const auto high = i + 1 < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i + 1]) << 8 : 0;
    sum += std::to_integer<std::uint32_t>(bytes[i]) | high;
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<std::uint16_t>(sum);
}

TEST(Checksum, IsThatOfOneWordAfterTheOtherAtEveryLength) {
  std::mt19937 random(1071);
  for (std::size_t size = 0; size < 300; ++size) {
    Bytes bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::byte>(random());
    EXPECT_EQ(ones_sum(bytes), word_by_word(bytes)) << size;
  }
}

TEST(Checksum, HoldsForTheLargestAndSmallestWordsOfTheLongestFrames) {
  for (const unsigned value : {0x00U, 0x01U, 0x7fU, 0x80U, 0xffU})
    for (const std::size_t size : {64UL, 65'535UL, 300'000UL}) {
      const Bytes bytes(size, static_cast<std::byte>(value));
      EXPECT_EQ(ones_sum(bytes), word_by_word(bytes)) << value << " x " << size;
    }
}

}  // namespace
}  // namespace wardline::packet
