#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace wardline::findings {

// How a finding of a kind begins and ends.
enum class Life : std::uint8_t {
  kEvent,      // told once, and over with it
  kCondition,  // raised and resolved by what watches it
  kChecked,    // a condition that check() tells of a device: resolved as soon as it no longer does
};

struct Kind {
  std::string_view id;
  Life life;
  std::string_view severity;  // info | low | medium | high | critical
  std::string_view meaning;
  std::string_view action;  // what to do about it
};

std::span<const Kind> kinds();
const Kind* kind_named(std::string_view id);  // null when there is none

// The table for people, in Markdown: docs/findings.md.
std::string manual();

}  // namespace wardline::findings
