#include "hostile.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "captured.h"

namespace wardline::identity::test {

std::vector<Observation> observed(const std::string& app, By by, const std::string& bytes) {
  auto copy = first_bytes(bytes);
  copy.device_is_client = by == By::kClient;
  return observe(copy, app);
}

void expect_stands_up_to_hostile_bytes(const std::string& app, By by, const std::string& whole) {
  const auto all = observed(app, by, whole);
  EXPECT_FALSE(all.empty()) << "the whole bytes tell nothing";
  for (std::size_t length = 0; length < whole.size(); ++length)
    for (const auto& told : observed(app, by, whole.substr(0, length)))
      EXPECT_TRUE(std::ranges::any_of(
          all, [&](const Observation& each) { return each.attribute == told.attribute && each.value == told.value; }))
          << "cut off at " << length << ": " << told.attribute << " = " << told.value;
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const char bent : {'\0', '\x7f', '\xff'}) {
      auto bytes = whole;
      bytes[at] = bent;
      for (const auto& told : observed(app, by, bytes)) EXPECT_LE(told.value.size(), 256U) << told.attribute;
    }
}

std::string big16(unsigned number) {
  return {static_cast<char>(number >> 8), static_cast<char>(number)};
}
std::string big32(unsigned number) {
  return big16(number >> 16) + big16(number);
}
std::string little16(unsigned number) {
  return {static_cast<char>(number), static_cast<char>(number >> 8)};
}
std::string little32(unsigned number) {
  return little16(number) + little16(number >> 16);
}

std::string utf16(const std::string& ascii) {
  std::string units;
  for (const char letter : ascii) units += {letter, '\0'};
  return units;
}

}  // namespace wardline::identity::test
