#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>

namespace wardline {

struct Mac {
  std::array<std::uint8_t, 6> bytes{};
  auto operator<=>(const Mac&) const = default;
  bool group() const { return (bytes[0] & 1) != 0; }  // multicast or broadcast
  bool zero() const { return number() == 0; }
  std::uint64_t number() const {  // in two reads: one of both halves would wait until they are in memory
    std::uint32_t high;
    std::uint16_t low;
    std::memcpy(&high, bytes.data(), sizeof high);
    std::memcpy(&low, bytes.data() + sizeof high, sizeof low);
    return std::uint64_t{__builtin_bswap32(high)} << 16 | __builtin_bswap16(low);
  }
};

// An IPv4 or IPv6 address in network byte order; IPv4 as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2).
struct Address {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const Address&) const = default;
  bool operator==(const Address& other) const {  // in two steps, where an array's would be a call
    std::uint64_t mine[2], its[2];
    std::memcpy(mine, bytes.data(), sizeof mine);
    std::memcpy(its, other.bytes.data(), sizeof its);
    return ((mine[0] ^ its[0]) | (mine[1] ^ its[1])) == 0;
  }

  static Address v4(std::uint32_t host_order) {
    const std::array<std::uint64_t, 2> halves{0, std::uint64_t{__builtin_bswap32(host_order)} << 32 | 0xffff0000};
    Address a;
    std::memcpy(a.bytes.data(), halves.data(), sizeof halves);
    return a;
  }
  bool is_v4() const {
    static constexpr std::array<std::uint8_t, 12> prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    std::uint64_t high, high_of_v4;
    std::uint32_t mid, mid_of_v4;
    std::memcpy(&high, bytes.data(), sizeof high);
    std::memcpy(&high_of_v4, prefix.data(), sizeof high);
    std::memcpy(&mid, bytes.data() + 8, sizeof mid);
    std::memcpy(&mid_of_v4, prefix.data() + 8, sizeof mid);
    return high == high_of_v4 && mid == mid_of_v4;
  }
  std::uint32_t v4_host_order() const {
    std::uint32_t n;
    std::memcpy(&n, bytes.data() + 12, sizeof n);
    return __builtin_bswap32(n);
  }
  bool unspecified() const { return is_v4() ? v4_host_order() == 0 : *this == Address{}; }
  bool multicast() const { return is_v4() ? (bytes[12] >> 4) == 14 : bytes[0] == 0xff; }
  bool limited_broadcast() const { return is_v4() && v4_host_order() == 0xffffffff; }
};

}  // namespace wardline
