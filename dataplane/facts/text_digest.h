#pragma once
#include <nettle/md5.h>
#include <nettle/sha2.h>

#include <array>
#include <cstddef>
#include <cstdint>

// The digest of a text that is written piece by piece and never stands whole anywhere: JA3 and JA4 hash texts whose
// length a sender chooses.
namespace wardline::facts {

struct Md5 {
  static constexpr std::size_t kBytes = MD5_DIGEST_SIZE;
  Md5() { md5_init(&state); }
  void update(std::size_t size, const std::uint8_t* bytes) { md5_update(&state, size, bytes); }
  void digest(std::uint8_t* to) { md5_digest(&state, kBytes, to); }
  md5_ctx state;
};

struct Sha256 {
  static constexpr std::size_t kBytes = SHA256_DIGEST_SIZE;
  Sha256() { sha256_init(&state); }
  void update(std::size_t size, const std::uint8_t* bytes) { sha256_update(&state, size, bytes); }
  void digest(std::uint8_t* to) { sha256_digest(&state, kBytes, to); }
  sha256_ctx state;
};

inline constexpr std::array<char, 17> kHexDigits{"0123456789abcdef"};

template <typename Hash>
class TextDigest {
 public:
  void put(char letter) {
    if (used_ == piece_.size()) flush();
    piece_[used_++] = static_cast<std::uint8_t>(letter);
  }
  void put_decimal(std::uint16_t number) {
    std::array<char, 5> digits;
    std::size_t count = 0;
    do digits[count++] = static_cast<char>('0' + number % 10);
    while ((number /= 10) != 0);
    while (count > 0) put(digits[--count]);
  }
  void put_hex(std::uint16_t number) {
    for (int shift = 12; shift >= 0; shift -= 4) put(kHexDigits[(number >> shift) & 0xf]);
  }
  // The first digits of the digest. The text is over: the next one needs another object.
  template <std::size_t Digits>
  std::array<char, Digits> hex() {
    static_assert(Digits % 2 == 0 && Digits <= 2 * Hash::kBytes);
    flush();
    std::array<std::uint8_t, Hash::kBytes> digest;
    hash_.digest(digest.data());
    std::array<char, Digits> text;
    for (std::size_t i = 0; i < Digits; ++i) text[i] = kHexDigits[(digest[i / 2] >> (i % 2 == 0 ? 4 : 0)) & 0xf];
    return text;
  }

 private:
  void flush() {
    hash_.update(used_, piece_.data());
    used_ = 0;
  }

  Hash hash_;
  std::size_t used_ = 0;
  std::array<std::uint8_t, 256> piece_;
};

}  // namespace wardline::facts
