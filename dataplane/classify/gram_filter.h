#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wardline::classify {

// Whether a short payload may hold any of many literals: a set of hashed runs of four bytes, one or two of each
// literal. In a long payload nearly always some run is one of them by chance, and the engine's own search is as quick.
// It may say yes of a payload that holds none, and never no of one that does. Case does not count. Immutable.
class GramFilter {
 public:
  static constexpr std::size_t kLongestPayload = 64;

  GramFilter() = default;
  explicit GramFilter(std::span<const std::string> literals);

  bool may_match(std::span<const std::byte> bytes) const {
    return bytes.size() > longest_ || (bytes.size() >= shortest_ && holds_gram(bytes));
  }

 private:
  struct Hash;

  bool holds_gram(std::span<const std::byte> bytes) const;
  bool holds_in_both(std::span<const std::byte> bytes) const;
  void add(std::string_view literal, std::size_t alignment);
  void add(std::uint32_t gram);

  std::size_t longest_ = 0, shortest_ = 0;     // payloads above are not asked about
  std::vector<std::uint64_t> first_, second_;  // bits, by two parts of the hash
};

}  // namespace wardline::classify
