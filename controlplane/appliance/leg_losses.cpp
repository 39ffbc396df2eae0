#include "controlplane/appliance/leg_losses.h"

#include <fmt/format.h>

#include <algorithm>

#include "controlplane/records/time_text.h"

namespace wardline::appliance {

namespace {

std::uint64_t grown(std::uint64_t before, std::uint64_t now) {
  return now >= before ? now - before : now;
}

std::string frames(std::uint64_t count, std::string_view way, const std::string& leg) {
  return count == 0 ? "" : fmt::format(", {} frame{} on the way {} by {}", count, count == 1 ? "" : "s", way, leg);
}

std::string clock_of(const std::string& time) {
  return time.size() < 19 ? time : time.substr(11, 8);
}

}  // namespace

LegLosses::LegLosses(WallTime started) : noted_(records::text_of(started)), known_since_(noted_) {}

void LegLosses::note(const std::vector<LegCounts>& counts, WallTime time) {
  const auto told = records::text_of(time);
  for (const auto& now : counts) {
    auto& leg = legs_[now.bundle + " " + now.name];
    const auto in = grown(leg.lost_in, now.lost_in), out = grown(leg.lost_out, now.lost_out);
    leg.lost_in = now.lost_in;
    leg.lost_out = now.lost_out;
    if (in + out == 0) continue;
    if (leg.spells.empty() || leg.begun + kSpell < time) {
      leg.spells.push_back({now.bundle, now.name, 0, 0, noted_, told});
      leg.begun = time;
    }
    auto& spell = leg.spells.back();
    spell.lost_in += in;
    spell.lost_out += out;
    spell.until = told;
    if (leg.spells.size() <= kMostSpells) continue;
    known_since_ = std::max(known_since_, leg.spells.front().until);
    leg.spells.pop_front();
  }
  noted_ = told;
}

std::vector<LegLoss> LegLosses::between(std::string_view bundle, std::string_view from, std::string_view to) const {
  std::vector<LegLoss> losses;
  for (const auto& [key, leg] : legs_) {
    LegLoss sum;
    for (const auto& spell : leg.spells) {
      if (spell.until < from || spell.since > to || (!bundle.empty() && spell.bundle != bundle)) continue;
      if (sum.name.empty()) sum = {spell.bundle, spell.name, 0, 0, spell.since, {}};
      sum.lost_in += spell.lost_in;
      sum.lost_out += spell.lost_out;
      sum.until = spell.until;
    }
    if (sum.lost_in + sum.lost_out != 0) losses.push_back(std::move(sum));
  }
  return losses;
}

std::string text_of(const std::vector<LegLoss>& losses) {
  if (losses.empty()) return "";
  std::string text, since = losses.front().since, until = losses.front().until;
  for (const auto& loss : losses) {
    text += frames(loss.lost_out, "out", loss.name) + frames(loss.lost_in, "in", loss.name);
    since = std::min(since, loss.since);
    until = std::max(until, loss.until);
  }
  return fmt::format("lost meanwhile: {}, between {} and {} UTC", text.substr(2), clock_of(since), clock_of(until));
}

}  // namespace wardline::appliance
