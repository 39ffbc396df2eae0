// Whether what a device shows fits its MAC, and what it showed before: a MAC is easily copied, habits are not.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

#include "controlplane/findings/checks.h"
#include "controlplane/findings/voices.h"
#include "controlplane/identity/score.h"
#include "controlplane/inventory/address_text.h"

namespace wardline::findings {
namespace {

using inventory::Device;
using inventory::Evidence;
using policy::ClassText;

// A habit that was kept for so long is the device's; a change is told for so long, then it is the new habit.
constexpr std::chrono::hours kHabit{24}, kTold{30 * 24};
constexpr auto kTogether = std::chrono::seconds(10);  // what one lease says

struct Suspicion {
  const Device& device;
  const ClassText& given;
  WallTime now;
  Conditions& out;

  void tell(std::string subject, std::string_view severity, std::string but, std::vector<std::string> evidence) const {
    out.push_back({.kind = "forged_mac",
                   .subject = std::move(subject),
                   .explanation = fmt::format("{} is taken for a {}, but {}. Another machine may have taken its MAC.",
                                              device.id, given.name, but),
                   .evidence = std::move(evidence),
                   .severity = severity});
  }
  bool fits_class(const Evidence& item) const {
    return std::ranges::any_of(given.evidence, [&](const auto& rule) { return identity::fits(rule, item); });
  }
};

std::string text_of(WallTime time) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", std::chrono::floor<std::chrono::seconds>(time));
}

std::string said(const Evidence& item) {
  return fmt::format("{} = {}", item.attribute, item.value);
}

// The vendor class that spoke for its class as long as it asked in the former way, and is not said since. A name may be
// given anew by any person.
const Evidence* lost_with(const Suspicion& about, const Evidence& before, const Evidence& after) {
  const auto found = std::ranges::find_if(about.device.evidence, [&](const Evidence& item) {
    return item.source == "dhcp" && item.attribute == "dhcp.vendor_class" && item.last_seen < after.first_seen &&
           item.last_seen + kTogether >= before.last_seen && about.fits_class(item);
  });
  return found == about.device.evidence.end() ? nullptr : &*found;
}

// One client asks for a little more or less in an INFORM than in a REQUEST.
bool alike(std::string_view one, std::string_view other) {
  auto left = numbers_of(one), right = numbers_of(other);
  std::ranges::sort(left);
  std::ranges::sort(right);
  std::vector<int> common;
  std::ranges::set_intersection(left, right, std::back_inserter(common));
  return 3 * common.size() > 2 * std::max(left.size(), right.size());
}

void check_dhcp(const Suspicion& about) {
  const auto asks = [](const Evidence& item) {
    return item.source == "dhcp" && item.attribute == "dhcp.params" && !boots(item.value);
  };
  for (const auto& before : about.device.evidence) {
    if (!asks(before)) continue;
    for (const auto& after : about.device.evidence) {
      if (!asks(after) || after.first_seen <= before.last_seen || after.first_seen + kTold <= about.now) continue;
      const auto* lost = lost_with(about, before, after);
      const bool habit = before.last_seen - before.first_seen >= kHabit && !alike(before.value, after.value);
      if (lost == nullptr && !habit) continue;
      auto evidence = std::vector{said(before), said(after)};
      if (lost != nullptr) evidence.push_back("no longer: " + said(*lost));
      about.tell("dhcp", lost != nullptr ? "high" : "medium",
                 fmt::format("since {} it asks for its address in another way{}", text_of(after.first_seen),
                             lost != nullptr ? " and no longer says what its class was given for" : ""),
                 std::move(evidence));
      return;
    }
  }
}

void check_stack(const Suspicion& about) {
  struct Spell {
    WallTime first, last;
  };
  std::map<Stack, Spell> stacks;
  for (const auto& item : about.device.evidence) {
    if (item.attribute != "tcp.syn") continue;
    const auto stack = stack_of(item.value);
    if (!stack) continue;
    auto& spell = stacks.try_emplace(*stack, Spell{item.first_seen, item.last_seen}).first->second;
    spell = {std::min(spell.first, item.first_seen), std::max(spell.last, item.last_seen)};
  }
  for (const auto& [former, before] : stacks)
    for (const auto& [later, after] : stacks) {
      if (after.first <= before.last || before.last - before.first < kHabit || after.first + kTold <= about.now)
        continue;
      about.tell("stack", "medium",  // as after an upgrade, or of a bridge that borrows the MAC of what is behind it
                 fmt::format("since {} it opens connections as another system does: with {}, formerly with {}",
                             text_of(after.first), later.text(), former.text()),
                 {later.text(), former.text()});
      return;
    }
}

// nmap writes its openings itself: a window of 1024, a segment size and nothing else, 37 to 59 hops. A small stack may
// have the same window, but begins with 64, and is at no such distance in its own segment.
bool from_a_made_up_distance(const Device& device, const Evidence& opening) {
  return std::ranges::any_of(device.evidence, [&](const Evidence& item) {
    const auto distance = item.attribute == "tcp.distance" ? numbers_of(item.value) : std::vector<int>{};
    return distance.size() == 1 && distance.front() >= 5 && distance.front() <= 27 &&
           item.last_seen >= opening.first_seen && item.first_seen <= opening.last_seen;
  });
}

void check_scanner(const Suspicion& about) {
  for (const auto& item : about.device.evidence)
    if (item.attribute == "tcp.syn" && item.value.starts_with("4:64:0:1460:1024,0:mss:") &&
        item.last_seen + kHabit > about.now && from_a_made_up_distance(about.device, item))
      about.tell("scanner", "high",
                 fmt::format("since {} it sends openings as the scanner nmap makes them", text_of(item.first_seen)),
                 {said(item)});
}

// What a maker of medical devices does not build.
void check_kind(const Suspicion& about) {
  static constexpr std::array<std::string_view, 12> kNoneOfTheirs{
      "hobby board", "phone",        "tablet",  "watch",         "tv",     "media player",
      "speaker",     "game console", "printer", "travel router", "router", "smart plug"};
  const auto& all = about.device.evidence;
  const auto maker = std::ranges::find_if(all, [&](const Evidence& item) {
    return item.source == "oui" && item.attribute == "vendor" && about.fits_class(item);
  });
  if (maker == all.end()) return;
  for (const auto& item : all) {
    if (item.attribute != "kind" || item.source.starts_with("oui") || item.first_seen + kTold <= about.now) continue;
    if (std::ranges::count(kNoneOfTheirs, item.value) == 0 || about.fits_class(item)) continue;
    about.tell("kind", "high",
               fmt::format("since {} {} shows a {}, and its MAC is of {}", text_of(item.first_seen), item.source,
                           item.value, maker->value),
               {said(item), said(*maker)});
    return;
  }
}

// Two sources that each show a system, and not the same. Small devices borrow words of others, so it is no proof.
void check_systems(const Suspicion& about) {
  const auto newest = [&](std::string_view root) {
    const Evidence* found = nullptr;
    for (const auto& item : about.device.evidence)
      if (item.attribute == "os" && item.source.starts_with(root) && !family_of(item.value).empty() &&
          (found == nullptr || item.first_seen > found->first_seen))
        found = &item;
    return found;
  };
  const auto* stack = newest("stack (");
  for (const auto* root : {"dhcp (", "http ("}) {
    const auto* named = newest(root);
    if (stack == nullptr || named == nullptr || family_of(stack->value) == family_of(named->value)) continue;
    about.tell("system", "medium",
               fmt::format("its connections are opened as {} does, and by {} it is {}", stack->value, named->source,
                           named->value),
               {said(*stack), said(*named)});
    return;
  }
}

// Monitors on a CARESCAPE network have 126 and the last three bytes of their MAC for an address (GE, network
// disclosure).
void check_address(const Suspicion& about) {
  constexpr std::uint32_t kNetwork = 126, kLastThree = 0xff'ffff;
  const bool theirs = std::ranges::any_of(about.device.evidence, [](const Evidence& item) {
    return item.attribute == "maker" && item.value == "GE Healthcare";
  });
  if (!theirs) return;
  for (const auto& interface : about.device.interfaces)
    for (const auto& address : interface.ips) {
      if (!address.is_v4() || address.v4_host_order() >> 24U != kNetwork) continue;
      if ((address.v4_host_order() & kLastThree) == (interface.mac.number() & kLastThree)) continue;
      about.tell("address", "medium",
                 fmt::format("its address {} does not have the last three bytes of its MAC {}, as CARESCAPE networks "
                             "give it",
                             inventory::text_of(address), inventory::text_of(interface.mac)),
                 {});
      return;
    }
}

}  // namespace

void check_forgery(const Device& device, const Surroundings& around, Conditions& out) {
  const auto given = std::ranges::find(around.policy.classes, device.device_class, &ClassText::name);
  if (device.device_class.empty() || given == around.policy.classes.end()) return;
  if (given->criticality == enforce::Criticality::kNone) return;
  if (std::ranges::all_of(device.interfaces, [](const auto& each) { return each.mac.zero(); })) return;
  const Suspicion about{device, *given, around.now, out};
  check_dhcp(about);
  check_stack(about);
  check_scanner(about);
  check_kind(about);
  check_systems(about);
  check_address(about);
}

}  // namespace wardline::findings
