// ver:ittl:olen:mss:wsize,scale:olayout:quirks:pclass, as in p0f's README, section 5. What our evidence holds of it:
// see identity/syn_observer.cpp.
#include "controlplane/fingerprint_import/p0f_syn.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "controlplane/fingerprint_import/device_words.h"

namespace wardline::fingerprint_import {
namespace {

constexpr unsigned kExampleMss = 1460, kExampleWindow = 65'535, kExampleScale = 7;
constexpr unsigned kIpv4AndTcpHeader = 40;
constexpr std::array<unsigned, 4> kInitialHops{32, 64, 128, 255};
constexpr std::array<std::string_view, 4> kQuirksSeen{"df", "id+", "id-", "ts1-"};
constexpr std::array<std::string_view, 5> kOptions{"mss", "nop", "ws", "sok", "ts"};

using Fault = std::unexpected<std::string>;

// One field: as a pattern, and as it stands in an example.
struct Field {
  std::string pattern, example;
};
using Told = std::expected<Field, std::string>;

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr unsigned kMost = 65'535;
  return fault == std::errc() && end == text.data() + text.size() && value <= kMost ? std::optional(value)
                                                                                    : std::nullopt;
}

Told fixed(std::string text) {
  return Field{literal(text), text};
}

Told number_or_any(std::string_view text, std::string_view what, unsigned in_example) {
  if (text == "*") return Field{"[0-9]+", std::to_string(in_example)};
  if (const auto value = number(text)) return fixed(std::to_string(*value));
  return Fault(fmt::format("expected a number or * as {}, found '{}'", what, text));
}

// "64", or "54+10": what arrived, and the distance.
Told hops(std::string_view text) {
  const auto plus = text.find('+');
  const auto arrived = number(text.substr(0, plus));
  const auto distance = plus == std::string_view::npos ? std::optional(0U) : number(text.substr(plus + 1));
  const auto initial = arrived && distance ? *arrived + *distance : 0;
  if (std::ranges::find(kInitialHops, initial) == kInitialHops.end())
    return Fault(fmt::format("its initial hops are told here as 32, 64, 128 or 255, found '{}'", text));
  return fixed(std::to_string(initial));
}

// A window that is a multiple of the segment size is told as that.
Told fixed_window(unsigned window, std::optional<unsigned> mss) {
  const bool multiple = mss.value_or(0) != 0 && window != 0 && window % *mss == 0;
  return fixed(multiple ? fmt::format("mss*{}", window / *mss) : std::to_string(window));
}

Told window(std::string_view text, std::optional<unsigned> mss) {
  if (text == "*") return Field{R"((?:mss\*)?[0-9]+)", std::to_string(kExampleWindow)};
  if (const auto value = number(text)) return fixed_window(*value, mss);
  const auto factor = text.size() > 4 ? number(text.substr(4)) : std::nullopt;
  if (factor && text.starts_with("mss*")) return fixed(fmt::format("mss*{}", *factor));
  if (factor && text.starts_with("mtu*") && mss) return fixed_window((*mss + kIpv4AndTcpHeader) * *factor, mss);
  return Fault(fmt::format("expected a window as a number, * or mss*N, found '{}'", text));
}

Told layout(std::string_view text) {
  for (const auto option : text.empty() ? std::vector<std::string_view>() : parts_of(text, ',')) {
    const bool numbered = (option.starts_with("eol+") && number(option.substr(4))) ||
                          (option.starts_with('?') && number(option.substr(1)));
    if (!numbered && std::ranges::find(kOptions, option) == kOptions.end())
      return Fault(fmt::format("the TCP option '{}' is not known here", option));
  }
  return fixed(std::string(text));
}

Told quirks(std::string_view text) {
  std::string seen;
  const auto given = text.empty() ? std::vector<std::string_view>() : parts_of(text, ',');
  for (const auto quirk : kQuirksSeen)  // in the order in which they are told
    if (std::ranges::find(given, quirk) != given.end()) seen += (seen.empty() ? "" : ",") + std::string(quirk);
  for (const auto quirk : given)
    if (std::ranges::find(kQuirksSeen, quirk) == kQuirksSeen.end())
      return Fault(fmt::format("the quirk '{}' is not looked for here", quirk));
  return fixed(seen);
}

Told payload(std::string_view text) {
  if (text == "*") return Field{"[0+]", "0"};
  if (text == "0" || text == "+") return fixed(std::string(text));
  return Fault(fmt::format("expected 0, + or * for the payload, found '{}'", text));
}

}  // namespace

std::vector<std::string_view> parts_of(std::string_view text, char mark) {
  std::vector<std::string_view> parts;
  for (auto end = text.find(mark); end != std::string_view::npos; end = text.find(mark)) {
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  parts.push_back(text);
  return parts;
}

std::expected<SynPattern, std::string> syn_pattern_of(std::string_view signature) {
  const auto fields = parts_of(signature, ':');
  constexpr std::size_t kFields = 8;
  if (fields.size() != kFields) return Fault(fmt::format("expected {} fields, found {}", kFields, fields.size()));
  if (fields[0] != "4" && fields[0] != "*") return Fault("openings over IPv4 alone are told here");
  const auto comma = fields[4].find(',');
  if (comma == std::string_view::npos) return Fault("expected a window and its scale, with a comma between them");
  const Told all[] = {fixed("4"),
                      hops(fields[1]),
                      number_or_any(fields[2], "the length of IP options", 0),
                      number_or_any(fields[3], "the segment size", kExampleMss),
                      window(fields[4].substr(0, comma), number(fields[3])),
                      number_or_any(fields[4].substr(comma + 1), "the window's scale", kExampleScale),
                      layout(fields[5]),
                      quirks(fields[6]),
                      payload(fields[7])};
  SynPattern told;
  for (const auto& field : all) {
    if (!field) return Fault(field.error());
    const std::string_view mark = &field == &all[0] ? "" : &field == &all[5] ? "," : ":";
    told.pattern.append(mark).append(field->pattern);
    told.example.append(mark).append(field->example);
  }
  told.pattern = "^" + told.pattern + "$";
  return told;
}

}  // namespace wardline::fingerprint_import
