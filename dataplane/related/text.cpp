#include "dataplane/related/text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace wardline::related {

std::string_view take_until(std::string_view& rest, char mark) {
  const auto at = rest.find(mark);
  const auto taken = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return taken;
}

std::string_view take_line(std::string_view& rest) {
  auto line = take_until(rest, '\n');
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::optional<std::uint32_t> take_number(std::string_view& rest, std::uint32_t limit) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (error != std::errc{} || value > limit) return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return value;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool starts_caseless(std::string_view text, std::string_view upper) {
  return text.size() >= upper.size() && std::ranges::equal(text.substr(0, upper.size()), upper, [](char a, char b) {
           return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 32) : a) == b;
         });
}

std::optional<Address> address_of(std::string_view text) {
  std::array<char, 46> terminated{};
  if (text.empty() || text.size() >= terminated.size()) return std::nullopt;
  std::ranges::copy(text, terminated.begin());
  in_addr v4;
  if (inet_pton(AF_INET, terminated.data(), &v4) == 1) return Address::v4(ntohl(v4.s_addr));
  in6_addr v6;
  if (inet_pton(AF_INET6, terminated.data(), &v6) != 1) return std::nullopt;
  Address address;
  std::memcpy(address.bytes.data(), &v6, sizeof v6);
  return address;
}

}  // namespace wardline::related
