#pragma once
#include <cstddef>
#include <span>
#include <string>

namespace wardline::identity {

enum class ByteOrder { kLittle, kBig };

// UTF-16 as UTF-8, up to a NUL or the end; half a pair of surrogates becomes U+FFFD. Whoever records it cleans it.
std::string utf8_of_utf16(std::span<const std::byte> bytes, ByteOrder order);

}  // namespace wardline::identity
