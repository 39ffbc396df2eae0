#include "dataplane/related/ftp.h"

#include <optional>

#include "dataplane/related/text.h"

namespace wardline::related {
namespace {

constexpr std::size_t kLongestLine = 512;

// "h1,h2,h3,h4,p1,p2" (RFC 959, 4.1.2).
std::optional<std::uint16_t> port_of_six(std::string_view text) {
  std::array<std::uint32_t, 6> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto number = take_number(text, 255);
    if (!number) return std::nullopt;
    numbers[i] = *number;
    if (i + 1 == numbers.size()) break;
    if (text.empty() || text.front() != ',') return std::nullopt;
    text.remove_prefix(1);
  }
  return static_cast<std::uint16_t>(numbers[4] << 8 | numbers[5]);
}

// "|1|132.235.1.2|6275|" or "|||6446|" (RFC 2428, 2 and 3).
std::optional<std::uint16_t> port_of_bars(std::string_view text) {
  for (int bars = 0; bars < 3; ++bars) {
    const auto bar = text.find('|');
    if (bar == std::string_view::npos) return std::nullopt;
    text.remove_prefix(bar + 1);
  }
  const auto port = take_number(text, 65535);
  return port && !text.empty() && text.front() == '|' ? std::optional(static_cast<std::uint16_t>(*port)) : std::nullopt;
}

std::optional<std::uint16_t> port_of(std::string_view line, bool from_client) {
  if (from_client) {
    if (starts_caseless(line, "PORT ")) return port_of_six(line.substr(5));
    if (starts_caseless(line, "EPRT ")) return port_of_bars(line.substr(5));
    return std::nullopt;
  }
  const auto open = line.find('(');
  if (open == std::string_view::npos) return std::nullopt;
  if (line.starts_with("227 ")) return port_of_six(line.substr(open + 1));
  if (line.starts_with("229 ")) return port_of_bars(line.substr(open + 1));
  return std::nullopt;
}

}  // namespace

Announcements read_ftp(std::span<const std::byte> payload, bool from_client) {
  Announcements said;
  if (const auto port = port_of(text_of(payload, kLongestLine), from_client))
    said.add({.kind = Kind::kFtpData, .proto = packet::kProtoTcp, .port = *port});
  return said;
}

}  // namespace wardline::related
