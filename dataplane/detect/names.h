#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "dataplane/detect/alarm.h"
#include "dataplane/detect/watched.h"

namespace wardline::detect {

// The first question of a DNS message (RFC 1035, 4.1), with what tunnels and generated names are told by.
struct Question {
  bool answer = false;
  std::uint8_t result = 0;  // RCODE
  std::uint16_t type = 0;
  std::array<char, 256> text{};  // labels in small letters, joined by dots
  std::size_t length = 0;
  std::size_t longest_label = 0, labels = 0;
  std::string_view name() const { return {text.data(), length}; }
};

// Nothing when this is no DNS message with one question whose name is written out.
std::optional<Question> read_question(std::span<const std::byte> message);

// Whether a name looks made by a program: long labels of many different letters, or without vowels a tongue needs.
bool looks_generated(std::string_view label);

// Questions that carry data: many different long names below one domain, or odd types. Names that do not exist and
// look generated.
void watch_names(Watched& watched, const Settings& settings, const Question& question, CoarseTick now, Alarms& alarms);

}  // namespace wardline::detect
