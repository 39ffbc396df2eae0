#include "controlplane/assets/replace.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "controlplane/assets/devices_in.h"
#include "controlplane/inventory/address_text.h"
#include "controlplane/inventory/text.h"

namespace wardline::assets {
namespace {

using policy::RegisterEntry;

// Notes are read back by former_in(): an import does not undo a replacement.
constexpr std::string_view kReplaced = " replaced by ", kSerial = "serial '", kSerialReplaced = "' replaced by ";

std::string note_of(const Replacement& replacement, const Mac& old, const Mac& fresh, const std::string& serial) {
  auto note = fmt::format("{:%Y-%m-%d}, ticket {}: {}{}{}", std::chrono::sys_seconds(replacement.day),
                          replacement.ticket, inventory::text_of(old), kReplaced, inventory::text_of(fresh));
  if (!replacement.serial.empty() && !serial.empty() && serial != replacement.serial)
    note += fmt::format(", {}{}{}'{}'", kSerial, serial, kSerialReplaced, replacement.serial);
  return note;
}

struct Place {
  std::size_t entry = 0;
  Mac mac;
};

Result<Place> find_old(std::span<const RegisterEntry> entries, std::string_view old) {
  const auto mac = read_written_mac(old);
  const auto found = std::ranges::find_if(entries, [&](const RegisterEntry& entry) {
    return entry.id == old || (mac && std::ranges::count(entry.macs, *mac) != 0);
  });
  if (found == entries.end())
    return fail("asset.unknown", std::string(old), "no entry of the register has this id or MAC");
  const auto entry = static_cast<std::size_t>(found - entries.begin());
  if (mac && found->id != old) return Place{entry, *mac};
  if (found->macs.size() == 1) return Place{entry, found->macs.front()};
  if (found->macs.empty())
    return fail("asset.no-mac", found->at.text(),
                fmt::format("{} is known by serial number or DHCP client id, not by a MAC: change its line by hand",
                            found->id));
  std::string all;
  for (const auto& each : found->macs) all += (all.empty() ? "" : ", ") + inventory::text_of(each);
  return fail("asset.several-macs", found->at.text(),
              fmt::format("{} has several MACs ({}): name the one that goes instead of the id", found->id, all));
}

Result<Mac> find_new(std::span<const RegisterEntry> entries, std::string_view text) {
  const auto mac = read_written_mac(text);
  if (!mac || mac->group() || mac->zero())
    return fail("asset.mac", std::string(text), "expected the MAC of one device, such as 58:46:e1:00:01:07");
  for (const auto& entry : entries)
    if (std::ranges::count(entry.macs, *mac) != 0)
      return fail("asset.double-mac", entry.at.text(),
                  fmt::format("{} stands in the register already, as a MAC of {}: take that line out first",
                              inventory::text_of(*mac), entry.id));
  return *mac;
}

}  // namespace

Former former_in(std::span<const std::string_view> notes) {
  constexpr std::size_t kMacText = 17;
  Former former;
  for (const auto note : notes) {
    for (auto at = note.find(kReplaced); at != std::string_view::npos; at = note.find(kReplaced, at + 1))
      if (const auto mac = at < kMacText ? std::nullopt : inventory::parse_mac(note.substr(at - kMacText, kMacText)))
        former.macs.push_back(*mac);
    const auto serial = note.find(kSerial), end = note.rfind(kSerialReplaced);
    if (serial != std::string_view::npos && end != std::string_view::npos && end > serial + kSerial.size())
      former.serials.emplace_back(note.substr(serial + kSerial.size(), end - serial - kSerial.size()));
  }
  return former;
}

Result<Replaced> replace_device(RegisterText text, const Replacement& replacement) {
  const auto place = find_old(text.entries(), replacement.old);
  if (!place) return std::unexpected(place.error());
  const auto fresh = find_new(text.entries(), replacement.mac);
  if (!fresh) return std::unexpected(fresh.error());
  if (inventory::clean_text(replacement.ticket) != replacement.ticket || replacement.ticket.empty())
    return fail("asset.ticket", "", "expected a ticket of one line, at most 256 bytes of UTF-8");
  if (inventory::clean_text(replacement.serial, 128) != replacement.serial)
    return fail("asset.serial", "", "expected a serial number of one line, at most 128 bytes of UTF-8");
  const auto entry = text.entries()[place->entry];
  text.replace_mac(place->entry, place->mac, *fresh);
  if (!replacement.serial.empty()) text.set(place->entry, "serial", std::string(replacement.serial), false);
  text.note(place->entry, note_of(replacement, place->mac, *fresh, entry.serial));
  auto changed = text.finish();
  if (!changed) return std::unexpected(changed.error());
  Replaced replaced{.id = entry.id, .text = std::move(*changed), .notices = {}};
  if (replacement.serial.empty() && !entry.serial.empty())
    replaced.notices.push_back(
        fmt::format("{}: serial '{}' is still the old device's, which would be taken for this "
                    "entry when it tells it; give the new one with --serial",
                    entry.at.line_text(), entry.serial));
  return replaced;
}

}  // namespace wardline::assets
