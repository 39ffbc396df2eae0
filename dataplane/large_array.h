#pragma once
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

namespace wardline {

struct FreeLarge {
  void operator()(void* memory) const { std::free(memory); }
};

// Owns `size` elements that were made by make_large_array.
template <typename T>
using LargeArray = std::unique_ptr<T[], FreeLarge>;

// Elements made by their default constructor. What fills large pages lies in such, where the kernel has them: a table
// that is looked into anywhere costs a walk through the page tables less. Touches all memory at once; flow::LazyArray
// is for tables of which little may be used.
template <typename T>
LargeArray<T> make_large_array(std::size_t size) {
  static_assert(std::is_trivially_destructible_v<T>);
  constexpr std::size_t kLargePage = std::size_t{2} << 20;
  const auto bytes = size * sizeof(T);
  const auto alignment = bytes >= kLargePage ? kLargePage : std::max(alignof(T), alignof(std::max_align_t));
  const auto rounded = (bytes + alignment - 1) / alignment * alignment;
  auto* memory = static_cast<T*>(std::aligned_alloc(alignment, rounded));
  if (memory == nullptr) throw std::bad_alloc();
  if (bytes >= kLargePage) ::madvise(memory, rounded, MADV_HUGEPAGE);  // a wish, which may be refused
  std::uninitialized_value_construct_n(memory, size);
  return LargeArray<T>(memory);
}

}  // namespace wardline
