// Whether somebody wants the device there, and still does.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "controlplane/findings/checks.h"

namespace wardline::findings {
namespace {

void check_loan(const inventory::Device& device, const policy::RegisterEntry& entry, WallTime now, Conditions& out) {
  if (!entry.loaner || (!entry.overdue && now < entry.loaner->until + std::chrono::days(1))) return;
  out.push_back({.kind = "loaner_overdue",
                 .explanation = fmt::format("{} is lent by {} and should have gone back after {:%Y-%m-%d} ({}). {}",
                                            device.id, entry.loaner->from,
                                            std::chrono::sys_seconds(entry.loaner->until), entry.loaner->at.line_text(),
                                            entry.overdue ? "Its class no longer comes of that line."
                                                          : "Its class stays, since a patient may depend on it."),
                 .severity = entry.overdue ? "" : "high"});
}

}  // namespace

void check_purpose(const inventory::Device& device, const Surroundings& around, Conditions& out) {
  const auto& policy = around.policy;
  const auto text = std::ranges::find(policy.classes, device.device_class, &policy::ClassText::name);
  const bool identified = device.device_class != "unidentified" && text != policy.classes.end();
  if (identified && text->purpose == policy::Purpose::kNone && around.entry == nullptr)
    out.push_back(
        {.kind = "no_medical_purpose",
         .explanation = fmt::format("{} is a {}, which serves no medical purpose, and the asset register does "
                                    "not have it.",
                                    device.id, device.device_class)});
  if (around.entry == nullptr) return;
  check_loan(device, *around.entry, around.now, out);
  for (const auto& exception : policy.expired_exceptions) {
    if (exception.device != around.entry->id) continue;
    out.push_back({.kind = "exception_expired",
                   .subject = exception.name,
                   .explanation = fmt::format("The exception '{}' of {} ({}) ended on {:%Y-%m-%d} and is not in force.",
                                              exception.name, device.id, exception.at.line_text(),
                                              std::chrono::sys_seconds(exception.until))});
  }
}

}  // namespace wardline::findings
