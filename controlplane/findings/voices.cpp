#include "controlplane/findings/voices.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "controlplane/findings/addresses.h"
#include "controlplane/inventory/address_text.h"

namespace wardline::findings {
namespace {

// What goes through a router as it is, so that it cannot tell whether one lies between.
constexpr std::string_view kBrowses = "names its system to web servers";

constexpr int kFarthest = 4;  // a hospital's device side is not deeper; traces of a route begin with any number of hops

std::vector<std::string_view> parts_of(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(separator, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

int number_of(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// One system that is heard from several distances is one machine whose way changes (ECMP, a failover). On the device's
// own wire no router can lie, so that what comes from there and from farther is not.
bool may_be_one(const Voices::Whose& whose, const std::pair<std::string, int>& one,
                const std::pair<std::string, int>& other) {
  const bool here = whose.by_mac && (one.second == 0 || other.second == 0);
  return one.first == other.first && !here;
}

std::string from_afar(const std::pair<std::string, int>& heard) {
  const auto& [how, distance] = heard;
  return distance == 0 ? how : fmt::format("{} from behind {} router{}", how, distance, distance == 1 ? "" : "s");
}

Condition condition_of(const Voices::Whose& whose, const std::string& what, const std::pair<std::string, int>& one,
                       const std::pair<std::string, int>& other) {
  const auto& device = whose.device;
  const bool near = what != kBrowses && one.second == 0 && other.second == 0;
  const bool copied = whose.matters && whose.by_mac && near;
  const auto facts = fmt::format("{} by turns as {} and as {}", what, from_afar(one), from_afar(other));
  if (copied)
    return {.kind = "forged_mac",
            .subject = std::string(kByTurns),
            .explanation = fmt::format("{} is taken for a {}, but {}, and no router lies between: two machines use "
                                       "its MAC.",
                                       device.id, device.device_class, facts),
            .evidence = {from_afar(one), from_afar(other)}};
  return {.kind = "hidden_router",
          .subject = what,
          .explanation = fmt::format("{} {}: several machines speak with its address, as behind a router that hides "
                                     "them (NAT).",
                                     device.id, facts),
          .evidence = {from_afar(one), from_afar(other)}};
}

}  // namespace

std::string Stack::text() const {
  return fmt::format("{} hops, options {}", hops, order);
}

std::optional<Stack> stack_of(std::string_view syn) {
  constexpr std::array<std::string_view, 4> kCommon{"mss", "sok", "ts", "ws"};
  constexpr std::size_t kFields = 8, kHops = 1, kLayout = 5, kWhole = 3;
  const auto fields = parts_of(syn, ':');
  if (fields.size() < kFields) return std::nullopt;
  Stack stack{.hops = number_of(fields[kHops]), .order = {}};
  std::size_t count = 0;
  for (const auto option : parts_of(fields[kLayout], ',')) {
    if (std::ranges::count(kCommon, option) == 0) continue;
    stack.order.append(count++ == 0 ? "" : ",").append(option);
  }
  return count < kWhole ? std::nullopt : std::optional(std::move(stack));
}

std::vector<int> numbers_of(std::string_view dhcp_params) {
  std::vector<int> numbers;
  for (const auto part : parts_of(dhcp_params, ',')) numbers.push_back(number_of(part));
  return numbers;
}

bool boots(std::string_view dhcp_params) {
  constexpr int kMachineId = 97, kEtherboot = 175;  // RFC 4578, 2.3; iPXE
  const auto asked = numbers_of(dhcp_params);
  return std::ranges::count(asked, kMachineId) != 0 || std::ranges::count(asked, kEtherboot) != 0;
}

std::string_view family_of(std::string_view system) {
  struct Word {
    std::string_view word, family;
  };
  // A browser that is asked for the page of a desktop calls Android Linux, and an iPad a Macintosh.
  static constexpr Word kWords[] = {{"windows", "windows"}, {"iphone", "apple"},    {"ipad", "apple"},
                                    {"mac os", "apple"},    {"macos", "apple"},     {"macintosh", "apple"},
                                    {"android", "linux"},   {"linux", "linux"},     {"ubuntu", "linux"},
                                    {"debian", "linux"},    {"raspberry", "linux"}, {"busybox", "linux"}};
  std::string low(system);
  std::ranges::transform(low, low.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const auto& [word, family] : kWords)
    if (low.find(word) != std::string::npos) return family;
  return {};
}

std::vector<Voice> voices_of(const std::vector<identity::Observation>& said) {
  std::vector<Voice> voices;
  const auto far = std::ranges::find(said, "tcp.distance", &identity::Observation::attribute);
  const int distance = far == said.end() ? 0 : number_of(far->value);
  for (const auto& each : said) {
    if (each.attribute == "tcp.syn" && distance <= kFarthest)
      if (const auto stack = stack_of(each.value)) voices.push_back({"opens connections", stack->text(), distance});
    if (each.attribute == "dhcp.vendor_class" && !each.value.starts_with("PXEClient") &&
        !each.value.starts_with("HTTPClient"))
      voices.push_back({"asks for its address", "DHCP client " + each.value});
    if (each.attribute == "http.user_agent")
      if (const auto family = family_of(each.value); !family.empty())
        voices.push_back({std::string(kBrowses), std::string(family)});
  }
  return voices;
}

std::optional<Condition> Voices::note(const Whose& whose, const Voice& voice, WallTime time) {
  const auto& interfaces = whose.device.interfaces;
  if (std::ranges::any_of(interfaces, [](const auto& each) { return shared_by_routers(each.mac); }))
    return std::nullopt;
  const Key key{whose.device.id, voice.what};
  const Heard heard{voice.heard, voice.distance};
  const auto others =
      uses_.note(key, heard, time, [&](const Heard& other) { return !may_be_one(whose, heard, other); });
  if (others.empty()) return std::nullopt;
  return condition_of(whose, voice.what, std::min(heard, others.front()), std::max(heard, others.front()));
}

}  // namespace wardline::findings
