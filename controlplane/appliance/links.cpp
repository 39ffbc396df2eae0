// What the appliance's own links run at.
#include <fmt/format.h>

#include <algorithm>

#include "controlplane/appliance/state.h"
#include "controlplane/records/rate_text.h"

namespace wardline::appliance {

namespace {

constexpr std::chrono::hours kUsualAfter{30 * 24};  // a speed that was kept for so long

}  // namespace

// Of a former run: the speed that an open finding calls the usual one.
std::string Appliance::Impl::usual_speed(std::string_view leg, const std::string& otherwise) const {
  const auto all = findings.all();
  const auto found = std::ranges::find_if(all, [&](const inventory::Finding* finding) {
    return finding->kind == findings::kLinkSpeedChanged && finding->subject == leg && !finding->evidence.empty() &&
           finding->state != inventory::FindingState::kResolved;
  });
  return found == all.end() ? otherwise : (*found)->evidence.front();
}

void Appliance::Impl::note_link(const std::string& leg, const std::string& speed) {
  const auto [known, fresh] = links.try_emplace(leg);
  auto& link = known->second;
  if (fresh) link = {.usual = usual_speed(leg, speed), .speed = {}, .since = wall};
  if (link.speed == speed) {
    if (wall - link.since > kUsualAfter) link.usual = speed;
    return;
  }
  link.speed = speed;
  link.since = wall;
  if (speed == link.usual)
    resolve(findings::kLinkSpeedChanged, "", leg);
  else
    raise("", findings::link_speed_changed(leg, link.usual, speed));
}

void Appliance::note_link(const std::string& leg, std::uint32_t megabits, bool full_duplex, Tick now, WallTime wall) {
  if (megabits == 0) return;
  impl_->now = now;
  impl_->wall = wall;
  impl_->note_link(leg, fmt::format("{} {} duplex", records::rate_text(megabits), full_duplex ? "full" : "half"));
}

}  // namespace wardline::appliance
