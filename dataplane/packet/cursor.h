#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace wardline::packet {

// `N` bytes that a cursor has proved to be there. Fields are read by their offset in the protocol's picture, in network
// order; an offset beyond `N` does not compile.
template <std::size_t N>
class Header {
 public:
  explicit Header(const std::byte* first) : first_(first) {}

  template <std::size_t At>
  std::uint8_t u8() const {
    static_assert(At + 1 <= N);
    return std::to_integer<std::uint8_t>(first_[At]);
  }
  template <std::size_t At>
  std::uint16_t u16() const {
    return number<At, std::uint16_t>();
  }
  template <std::size_t At>
  std::uint32_t u32() const {
    return number<At, std::uint32_t>();
  }
  // Into an array of bytes of a Mac or an Address.
  template <std::size_t At, std::size_t Count>
  void copy(std::uint8_t* to) const {
    static_assert(At + Count <= N);
    std::memcpy(to, first_ + At, Count);
  }
  std::span<const std::byte, N> bytes() const { return std::span<const std::byte, N>(first_, N); }

 private:
  template <std::size_t At, typename Number>
  Number number() const {
    static_assert(At + sizeof(Number) <= N);
    Number value;
    std::memcpy(&value, first_ + At, sizeof value);
    if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
    return value;
  }

  const std::byte* first_;
};

// Reads bytes from the front of a span; the only place of the packet parser that checks lengths. A read that asks for
// more than is left fails and poisons the cursor: that read and all later ones give zeros or nothing, so that a parser
// may ask `failed()` once, before it believes what it read.
class Cursor {
 public:
  explicit Cursor(std::span<const std::byte> bytes) : rest_(bytes) {}

  bool failed() const { return failed_; }
  std::size_t left() const { return rest_.size(); }
  std::span<const std::byte> rest() const { return rest_; }

  template <std::size_t N>
  Header<N> take() {
    static_assert(N <= kZeros.size());
    const std::span<const std::byte> taken = take(N);
    return Header<N>(taken.size() == N ? taken.data() : kZeros.data());
  }
  std::span<const std::byte> take(std::size_t count) {
    if (count > rest_.size()) [[unlikely]] {
      fail();
      return {};
    }
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  void skip(std::size_t count) { take(count); }
  std::uint8_t u8() { return take<1>().u8<0>(); }
  std::uint16_t u16() { return take<2>().u16<0>(); }
  std::uint32_t u32() { return take<4>().u32<0>(); }

  // What follows after `count` more bytes is not there: padding below a length that a header gave. A length beyond
  // the bytes that are there is a failed read.
  void limit(std::size_t count) {
    if (count > rest_.size()) [[unlikely]] {
      fail();
      return;
    }
    rest_ = rest_.first(count);
  }

 private:
  static constexpr std::array<std::byte, 64> kZeros{};

  void fail() {
    failed_ = true;
    rest_ = {};
  }

  std::span<const std::byte> rest_;
  bool failed_ = false;
};

}  // namespace wardline::packet
