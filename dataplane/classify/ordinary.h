#pragma once
#include <cstddef>
#include <span>
#include <string_view>

namespace wardline::classify {

// How much it tells that a payload holds these bytes: the longest run of them in which every byte says something new.
// Words that stand in nearly every message of the web, line ends, zeros and repeats of one byte say nothing.
std::size_t telling_bytes(std::string_view literal);

// What half of all messages begin with ("GET ", "HTTP/1.").
std::span<const std::string_view> ordinary_beginnings();

}  // namespace wardline::classify
