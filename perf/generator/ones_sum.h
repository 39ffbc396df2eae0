#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace wardline::perf {

// Parts of an Internet checksum (RFC 1071), summed over 16-bit words as they lie in memory. A sum in ones' complement
// does not depend on the byte order, so parts that are known beforehand are added up beforehand.

// Over bytes that begin at an even offset of what is summed.
inline std::uint64_t sum_of(const std::byte* bytes, std::size_t size) {
  std::uint64_t sum = 0;
  for (; size >= 4; bytes += 4, size -= 4) {
    std::uint32_t word;
    std::memcpy(&word, bytes, sizeof word);
    sum += word;
  }
  if (size > 0) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes, size);
    sum += word;
  }
  return sum;
}

// To 16 bits.
inline std::uint32_t fold(std::uint32_t sum) {
  sum = (sum & 0xffff) + (sum >> 16);
  return (sum & 0xffff) + (sum >> 16);
}
// Of a sum below 2^47.
inline std::uint32_t fold(std::uint64_t sum) {
  return fold(static_cast<std::uint32_t>((sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32)));
}

template <typename Sum>
std::uint16_t checksum_of(Sum sum) {
  return static_cast<std::uint16_t>(~fold(sum));
}

// RFC 1624, equation 3: the checksum after `before` became `after`, both sums of 16-bit words.
inline std::uint16_t corrected(std::uint16_t checksum, std::uint64_t before, std::uint64_t after) {
  return checksum_of(static_cast<std::uint32_t>(static_cast<std::uint16_t>(~checksum)) + (0xffff - fold(before)) +
                     fold(after));
}

}  // namespace wardline::perf
