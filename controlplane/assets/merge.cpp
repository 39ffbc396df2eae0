#include "controlplane/assets/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "controlplane/assets/devices_in.h"
#include "controlplane/assets/register_keys.h"
#include "controlplane/assets/replace.h"
#include "controlplane/inventory/address_text.h"

namespace wardline::assets {
namespace {

using policy::RegisterEntry;

// Makers are written in many ways: "Acme" and "ACME Medical" may be one.
bool contradict(std::string_view one, std::string_view other) {
  const auto lower = [](std::string_view text) {
    std::string made(text);
    for (char& c : made)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return made;
  };
  const auto a = lower(one), b = lower(other);
  return !a.contains(b) && !b.contains(a);  // "" is in any
}

class Merge {
 public:
  Merge(RegisterText& text, Errors& errors) : text_(text), errors_(errors) {
    const auto entries = text.entries();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      by_id_[entries[i].id] = i;
      for (const auto& mac : entries[i].macs) by_mac_[mac] = i;
      if (tells_apart(entries[i].serial)) by_serial_[entries[i].serial].insert(i);
      former_.push_back(former_in(text.notes(i)));
      for (const auto& mac : former_.back().macs) by_former_mac_[mac] = i;
    }
  }

  // Which line is which entry is known of all before the first changes one.
  std::vector<Merged> all(const std::vector<RegisterEntry>& devices) {
    std::vector<std::optional<Entries>> entries;
    for (const auto& device : devices) entries.push_back(entries_of(device));
    for (std::size_t i = 0; i < devices.size(); ++i)
      if (entries[i] && entries[i]->size() == 1) claims_[*entries[i]->begin()].push_back(&devices[i]);
    std::vector<Merged> all;
    for (std::size_t i = 0; i < devices.size(); ++i)
      if (entries[i] && is_one(devices[i], *entries[i])) all.push_back(take(devices[i], *entries[i]));
    std::ranges::stable_sort(refused_, {}, &Refused::line);
    for (auto& [line, error] : refused_) errors_.push_back(std::move(error));
    return all;
  }

 private:
  using Entries = std::set<std::size_t>;

  // Whether it is the only line of at most one entry.
  bool is_one(const RegisterEntry& device, const Entries& entries) {
    if (entries.size() > 1) {
      std::string all;
      for (const auto i : entries) all += (all.empty() ? "" : ", ") + named(i);
      refuse(device, "asset.two-entries",
             fmt::format("'{}' may be several entries of the register by id, MAC and serial number: {}; make one of "
                         "them",
                         device.id, all));
      return false;
    }
    if (entries.empty()) return true;
    const auto& lines = claims_[*entries.begin()];
    if (lines.size() == 1) return true;
    const auto* other = lines.front() == &device ? lines.back() : lines.front();
    refuse(device, "asset.two-lines",
           fmt::format("'{}' is the same entry of the register as '{}' ({}): {}; say in the export which of them it is",
                       device.id, other->id, other->at.line_text(), named(*entries.begin())));
    return false;
  }

  Merged take(const RegisterEntry& device, const Entries& entries) {
    auto merged = entries.empty() ? add(device) : change(device, *entries.begin());
    tell_same_serial(device, entries, merged);
    return merged;
  }

  void refuse(const RegisterEntry& device, std::string code, std::string what) {
    refused_.push_back({device.at.line, {std::move(code), device.at.text(), std::move(what)}});
  }

  std::string named(std::size_t entry) const {
    return fmt::format("{} ({})", text_.entries()[entry].id, text_.entries()[entry].at.line_text());
  }

  // nullopt after a refusal.
  std::optional<Entries> entries_of(const RegisterEntry& device) {
    Entries found;
    if (const auto same = by_id_.find(device.id); same != by_id_.end()) found.insert(same->second);
    for (const auto& mac : device.macs)
      if (const auto same = by_mac_.find(mac); same != by_mac_.end()) found.insert(same->second);
    if (!found.empty()) return found;
    for (const auto& mac : device.macs)
      if (const auto same = by_former_mac_.find(mac); same != by_former_mac_.end()) found.insert(same->second);
    const auto same = by_serial_.find(device.serial);
    if (!found.empty() || same == by_serial_.end()) return found;
    if (same->second.size() == 1 && !same_by_serial(device, *same->second.begin())) return std::nullopt;
    return same->second;
  }

  // Two makers may give the same number, and one maker the same to two of its products.
  bool same_by_serial(const RegisterEntry& device, std::size_t entry) {
    const auto& known = text_.entries()[entry];
    const bool other_mac = !device.macs.empty() && !known.macs.empty();
    if (!other_mac && !contradict(device.vendor, known.vendor)) return true;
    refuse(device, "asset.two-entries",
           fmt::format("'{}' has the serial number '{}' of {}, but another {}: give that entry the id or MAC of this "
                       "line where they are one device, else write an entry with this id by hand",
                       device.id, device.serial, named(entry), other_mac ? "MAC" : "vendor"));
    return false;
  }

  Merged add(const RegisterEntry& device) {
    text_.append(device);
    return {.at = device.at,
            .id = device.id,
            .export_id = device.id,
            .outcome = Outcome::kAdded,
            .changes = {},
            .notices = {}};
  }

  Merged change(const RegisterEntry& device, std::size_t entry) {
    Merged merged{.at = device.at,
                  .id = text_.entries()[entry].id,
                  .export_id = device.id,
                  .outcome = Outcome::kLeft,
                  .changes = {},
                  .notices = {}};
    const bool old = change_macs(device, entry, merged);
    change_text(device, entry, old, merged);
    if (!merged.changes.empty()) merged.outcome = Outcome::kChanged;
    return merged;
  }

  // Whether the export still tells of a device that was replaced.
  bool change_macs(const RegisterEntry& device, std::size_t entry, Merged& merged) {
    const auto& known = text_.entries()[entry].macs;
    bool old = false, current = false;
    for (const auto& mac : device.macs) {
      if (std::ranges::count(known, mac) != 0) {
        current = true;
      } else if (std::ranges::count(former_[entry].macs, mac) != 0) {
        old = true;
        merged.notices.push_back(
            fmt::format("MAC {} of {} was replaced, as the note above it says, and does not come "
                        "back; the export still has it",
                        inventory::text_of(mac), merged.id));
      } else {
        current = true;
        text_.add_mac(entry, mac);
        merged.changes.push_back({"macs", "", inventory::text_of(mac)});
      }
    }
    if (!current) return old;
    for (const auto& mac : known)
      if (std::ranges::count(device.macs, mac) == 0)
        merged.notices.push_back(
            fmt::format("MAC {} of {} is not in the export and keeps its pin", inventory::text_of(mac), merged.id));
    return false;
  }

  // `old`: the serial number and the DHCP client id of the line are those of a device that was replaced.
  void change_text(const RegisterEntry& device, std::size_t entry, bool old, Merged& merged) {
    const auto& known = text_.entries()[entry];
    for (const auto& [key, field, is_name] : kTextKeys) {
      const auto &said = device.*field, &before = known.*field;
      if (said.empty() || said == before) continue;
      const bool of_old = (old && (key == "serial" || key == "dhcp_client_id")) ||
                          (key == "serial" && std::ranges::count(former_[entry].serials, said) != 0);
      if (of_old) {
        merged.notices.push_back(fmt::format("{} '{}' is that of the device which {} replaced, and does not come back",
                                             key, said, merged.id));
        continue;
      }
      text_.set(entry, key, said, is_name);
      merged.changes.push_back({std::string(key), before, said});
    }
  }

  void tell_same_serial(const RegisterEntry& device, const Entries& own, Merged& merged) {
    if (device.serial.empty()) return;
    if (const auto same = by_serial_.find(device.serial); same != by_serial_.end())
      for (const auto other : same->second)
        if (!own.contains(other))
          merged.notices.push_back(fmt::format("serial '{}' is also that of {}", device.serial, named(other)));
    if (const auto [first, fresh] = lines_.try_emplace(device.serial, &device); !fresh)
      merged.notices.push_back(fmt::format("serial '{}' is also that of '{}' ({})", device.serial, first->second->id,
                                           first->second->at.line_text()));
  }

  struct Refused {
    int line;
    Error error;
  };

  RegisterText& text_;
  Errors& errors_;
  std::vector<Refused> refused_;
  std::map<std::string, std::size_t> by_id_;
  std::map<std::string, Entries> by_serial_;
  std::map<Mac, std::size_t> by_mac_, by_former_mac_;
  std::vector<Former> former_;                                       // by entry
  std::map<std::string, const RegisterEntry*> lines_;                // of the export, by serial number
  std::map<std::size_t, std::vector<const RegisterEntry*>> claims_;  // lines, by the entry that each would be
};

}  // namespace

std::string_view text_of(Outcome outcome) {
  return outcome == Outcome::kAdded ? "added" : outcome == Outcome::kChanged ? "changed" : "left";
}

std::vector<Merged> merge(const std::vector<RegisterEntry>& devices, RegisterText& into, Errors& conflicts) {
  return Merge(into, conflicts).all(devices);
}

std::size_t not_in_export(std::span<const RegisterEntry> entries, const std::vector<Merged>& merged,
                          std::span<const RegisterEntry> lines) {
  std::set<std::string> ids;
  std::set<Mac> macs;
  for (const auto& each : merged) ids.insert(each.id);
  for (const auto& line : lines) {
    ids.insert(line.id);
    macs.insert(line.macs.begin(), line.macs.end());
  }
  return static_cast<std::size_t>(std::ranges::count_if(entries, [&](const RegisterEntry& entry) {
    return !ids.contains(entry.id) &&
           std::ranges::none_of(entry.macs, [&](const Mac& mac) { return macs.contains(mac); });
  }));
}

}  // namespace wardline::assets
