#include "dataplane/classify/gram_filter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace wardline::classify {
namespace {

// Every second place of a payload is looked at, so a literal has a gram for even and one for odd places. The shortest
// that has four bytes at either has five; of shorter ones a gram has one byte of any value.
constexpr std::size_t kGram = 4, kStride = 2, kShortestLiteral = 3;
constexpr std::size_t kMostBrief = 32;       // literals below five bytes: each adds hundreds of grams
constexpr std::size_t kWords = 2048;         // of 64 bits: with 500 literals one gram in a hundred is there by chance
constexpr std::uint32_t kFold = 0x20202020;  // letters of both cases become one, and some other bytes, too

std::uint32_t load(const void* at) {
  std::uint32_t gram;
  std::memcpy(&gram, at, sizeof gram);
  return gram;
}

// The three bytes that are left at the end of an odd size may be a literal: a zero stands behind them. Of an even size
// that is one gram more than need be.
std::uint32_t tail_of(std::span<const std::byte> bytes) {
  return load(bytes.data() + bytes.size() - kGram) >> 8;
}

// Zeros, spaces and runs are in most payload: a gram of other bytes is a better sign.
std::size_t commonness(std::string_view gram) {
  std::size_t common = 0;
  for (std::size_t i = 0; i < gram.size(); ++i)
    common += gram[i] == '\0' || gram[i] == ' ' || gram[i] == '\xff' || (i != 0 && gram[i] == gram[i - 1]) ? 1 : 0;
  return common;
}

}  // namespace

// Word and bit of either set. A shift takes the low six bits of its count.
struct GramFilter::Hash {
  static constexpr unsigned kWordShift = 64 - std::countr_zero(kWords), kBitShift = kWordShift - 6;

  explicit Hash(std::uint32_t gram) : mixed(std::uint64_t{gram | kFold} * 0x9e3779b97f4a7c15) {}
  static std::size_t word(std::uint64_t mixed) { return mixed >> kWordShift; }
  static unsigned bit(std::uint64_t mixed) { return static_cast<unsigned>(mixed >> kBitShift) & 63; }
  // The lowest bit tells.
  static std::uint64_t test(const std::uint64_t* words, std::uint64_t mixed) {
    return words[word(mixed)] >> bit(mixed);
  }
  static void set(std::vector<std::uint64_t>& words, std::uint64_t mixed) {
    words[word(mixed)] |= std::uint64_t{1} << bit(mixed);
  }
  std::uint64_t other() const { return mixed << 17; }

  std::uint64_t mixed;
};

GramFilter::GramFilter(std::span<const std::string> literals) {
  const auto brief = std::ranges::count_if(literals, [](const auto& literal) { return literal.size() < kGram + 1; });
  const bool tiny =
      std::ranges::any_of(literals, [](const auto& literal) { return literal.size() < kShortestLiteral; });
  if (tiny || static_cast<std::size_t>(brief) > kMostBrief) return;
  first_.resize(kWords);
  second_.resize(kWords);
  longest_ = shortest_ = kLongestPayload;
  for (const auto& literal : literals) {
    if (literal.size() > kLongestPayload) continue;
    shortest_ = std::min(shortest_, literal.size());
    for (std::size_t alignment = 0; alignment < kStride; ++alignment) add(literal, alignment);
  }
}

// The gram that is looked at when the literal begins at an even place of the payload, or at an odd one.
void GramFilter::add(std::string_view literal, std::size_t alignment) {
  if (literal.size() >= kGram + alignment) {
    std::size_t best = alignment;
    for (auto at = alignment; at + kGram <= literal.size(); at += kStride)
      if (commonness(literal.substr(at, kGram)) < commonness(literal.substr(best, kGram))) best = at;
    return add(load(literal.data() + best));
  }
  // Three bytes, and any byte behind them or, at an odd place, before them.
  const std::size_t known = alignment;
  for (unsigned any = 0; any < 256; ++any) {
    std::array<unsigned char, kGram> gram{};
    std::memcpy(gram.data() + known, literal.data(), kGram - 1);
    gram[known == 0 ? kGram - 1 : 0] = static_cast<unsigned char>(any);
    add(load(gram.data()));
  }
}

void GramFilter::add(std::uint32_t gram) {
  const Hash hash(gram);
  Hash::set(first_, hash.mixed);
  Hash::set(second_, hash.other());
}

bool GramFilter::holds_gram(std::span<const std::byte> bytes) const {
  const auto size = bytes.size();
  if (size < kGram) return true;
  const auto* data = bytes.data();
  const auto* const end = data + (size - kStride) / kStride * kStride;  // of the grams that lie in the payload
  const auto tail = Hash(tail_of(bytes));
  const auto* first = first_.data();
  auto any = Hash::test(first, tail.mixed);
  for (; data != end; data += kStride) any |= Hash::test(first, Hash(load(data)).mixed);
  return (any & 1) != 0 && holds_in_both(bytes);
}

// Of the first set alone some gram of a payload is there by chance.
bool GramFilter::holds_in_both(std::span<const std::byte> bytes) const {
  const auto holds = [this](std::uint32_t gram) {
    const Hash hash(gram);
    return (Hash::test(first_.data(), hash.mixed) & Hash::test(second_.data(), hash.other()) & 1) != 0;
  };
  for (std::size_t at = 0; at + kGram <= bytes.size(); at += kStride)
    if (holds(load(bytes.data() + at))) return true;
  return holds(tail_of(bytes));
}

}  // namespace wardline::classify
