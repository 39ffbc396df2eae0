#include "controlplane/assets/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "controlplane/assets/register_keys.h"
#include "controlplane/inventory/address_text.h"

namespace wardline::assets {
namespace {

using policy::RegisterEntry;

class Merge {
 public:
  Merge(RegisterText& text, Errors& errors) : text_(text), errors_(errors) {
    const auto entries = text.entries();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      by_id_[entries[i].id] = i;
      for (const auto& mac : entries[i].macs) by_mac_[mac] = i;
      if (!entries[i].serial.empty()) by_serial_[entries[i].serial] = i;
    }
  }

  std::optional<Merged> take(const RegisterEntry& device) {
    const auto found = entries_of(device);
    if (found.size() > 1) {
      std::string all;
      for (const auto i : found)
        all +=
            fmt::format("{}{} ({})", all.empty() ? "" : ", ", text_.entries()[i].id, text_.entries()[i].at.line_text());
      refuse(device, "asset.two-entries",
             fmt::format("'{}' may be several entries of the register by id, MAC and serial number: {}; make one of "
                         "them",
                         device.id, all));
      return std::nullopt;
    }
    if (found.empty()) {
      text_.append(device);
      return Merged{.at = device.at, .id = device.id, .outcome = Outcome::kAdded, .changes = {}};
    }
    const auto entry = *found.begin();
    if (!taken_.insert(entry).second) {
      refuse(device, "asset.two-lines",
             fmt::format("'{}' is the same entry of the register as a line before ({})", device.id,
                         text_.entries()[entry].at.line_text()));
      return std::nullopt;
    }
    return change(device, entry);
  }

 private:
  void refuse(const RegisterEntry& device, std::string code, std::string what) {
    errors_.push_back({std::move(code), device.at.text(), std::move(what)});
  }

  // A serial number tells only where neither id nor MAC does: two makers may give the same.
  std::set<std::size_t> entries_of(const RegisterEntry& device) const {
    std::set<std::size_t> found;
    if (const auto same = by_id_.find(device.id); same != by_id_.end()) found.insert(same->second);
    for (const auto& mac : device.macs)
      if (const auto same = by_mac_.find(mac); same != by_mac_.end()) found.insert(same->second);
    if (const auto same = by_serial_.find(device.serial); found.empty() && same != by_serial_.end())
      found.insert(same->second);
    return found;
  }

  Merged change(const RegisterEntry& device, std::size_t entry) {
    const auto& known = text_.entries()[entry];
    Merged merged{.at = device.at, .id = known.id, .outcome = Outcome::kLeft, .changes = {}};
    for (const auto& mac : device.macs) {
      if (std::ranges::count(known.macs, mac) != 0) continue;
      text_.add_mac(entry, mac);
      merged.changes.push_back({"macs", "", inventory::text_of(mac)});
    }
    for (const auto& [key, field, is_name] : kTextKeys) {
      const auto &said = device.*field, &before = known.*field;
      if (said.empty() || said == before) continue;
      text_.set(entry, key, said, is_name);
      merged.changes.push_back({std::string(key), before, said});
    }
    if (!merged.changes.empty()) merged.outcome = Outcome::kChanged;
    return merged;
  }

  RegisterText& text_;
  Errors& errors_;
  std::map<std::string, std::size_t> by_id_, by_serial_;
  std::map<Mac, std::size_t> by_mac_;
  std::set<std::size_t> taken_;
};

}  // namespace

std::string_view text_of(Outcome outcome) {
  return outcome == Outcome::kAdded ? "added" : outcome == Outcome::kChanged ? "changed" : "left";
}

std::vector<Merged> merge(const std::vector<RegisterEntry>& devices, RegisterText& into, Errors& errors) {
  Merge merge(into, errors);
  std::vector<Merged> all;
  for (const auto& device : devices)
    if (auto merged = merge.take(device)) all.push_back(std::move(*merged));
  return all;
}

}  // namespace wardline::assets
