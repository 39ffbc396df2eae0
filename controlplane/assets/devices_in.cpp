// Lines of an export as entries of the register.
#include "controlplane/assets/devices_in.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "controlplane/assets/register_keys.h"
#include "controlplane/inventory/address_text.h"

namespace wardline::assets {
namespace {

using policy::RegisterEntry;

constexpr std::size_t kMostText = 128, kMostId = 39;  // bytes, as the register has them
constexpr std::size_t kMostMacsText = 512;            // of a cell: several MACs may stand in it

bool name_like(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  };
  return !text.empty() && std::ranges::all_of(text, fits) && text.front() != '.' && text.front() != '_' &&
         text.front() != '-';
}

// "INV 004711" as "inv-004711": inventories write ids in capitals and with blanks.
std::string as_id(std::string_view text) {
  std::string id(text);
  for (char& c : id) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == ' ' || c == '/') c = '-';
  }
  return id;
}

class Lines {
 public:
  Lines(const MappedTable& table, const KnownNames& known, Errors& errors)
      : table_(table), known_(known), errors_(errors) {}

  DevicesIn all() {
    DevicesIn in;
    bool enough = false;
    for (const auto& row : table_.rows()) {
      const bool skipped = table_.skipped(row);
      enough = enough || (!skipped && enough_problems(row.front().at, errors_));
      const auto before = errors_.size();
      auto device = skipped || enough ? RegisterEntry() : read(row);
      if (skipped || enough || errors_.size() != before)
        in.passed_over.push_back(named(row));
      else
        in.devices.push_back(std::move(device));
    }
    return in;
  }

 private:
  void refuse(const policy::Location& at, std::string code, std::string what) {
    errors_.push_back({std::move(code), at.text(), std::move(what)});
  }

  // What a line that gives no device says of which one it would be.
  RegisterEntry named(const CsvRow& row) const {
    Errors untold;
    RegisterEntry device;
    device.at = row.front().at;
    device.id = as_id(table_.cell(row, "id", kMostText, untold).text);
    for (const auto& [cell, text] : mac_texts(row, untold))
      if (const auto mac = read_written_mac(text)) device.macs.push_back(*mac);
    return device;
  }

  RegisterEntry read(const CsvRow& row) {
    RegisterEntry device;
    device.at = row.front().at;
    read_id(row, device);
    read_macs(row, device);
    for (const auto& [key, field, is_name] : kTextKeys) {
      const auto cell = table_.cell(row, key, kMostText, errors_);
      device.*field = cell.text;
      if (key == "class") check_name("class", cell, known_.classes);
      if (key == "segment") check_name("segment", cell, known_.segments);
    }
    if (!tells_apart(device.serial)) device.serial.clear();
    if (device.macs.empty() && device.serial.empty() && device.dhcp_client_id.empty() && !row_has_refused_mac_)
      refuse(device.at, "asset.nothing-tells",
             fmt::format("nothing tells '{}' from other devices: expected a MAC, a serial number or a DHCP client id",
                         device.id));
    return device;
  }

  void read_id(const CsvRow& row, RegisterEntry& device) {
    const auto cell = table_.cell(row, "id", kMostText, errors_);
    device.id = as_id(cell.text);
    if (cell.text.empty())
      return refuse(cell.at, "asset.id", "the cell of the id is empty; expected a name that is the device's own");
    if (!name_like(device.id) || device.id.size() > kMostId)
      return refuse(cell.at, "asset.id",
                    fmt::format("'{}' makes no id: expected 1 to {} of A-Z a-z 0-9 . _ - and blanks that begin with a "
                                "letter or digit",
                                cell.text, kMostId));
    if (const auto [former, fresh] = ids_.try_emplace(device.id, cell.at.line); !fresh)
      refuse(cell.at, "asset.double-id", fmt::format("'{}' stands in line {} already", device.id, former->second));
  }

  void read_macs(const CsvRow& row, RegisterEntry& device) {
    row_has_refused_mac_ = false;
    for (const auto& [cell, text] : mac_texts(row, errors_)) read_mac(cell, text, device);
  }

  // Each with the cell that it stands in.
  std::vector<std::pair<CsvCell, std::string>> mac_texts(const CsvRow& row, Errors& errors) const {
    std::vector<std::pair<CsvCell, std::string>> found;
    for (const auto& cell : table_.cells(row, "macs", kMostMacsText, errors)) {
      for (std::size_t at = 0; at < cell.text.size();) {
        const auto begin = cell.text.find_first_not_of(" ,;|/", at);
        if (begin == std::string::npos) break;
        at = std::min(cell.text.find_first_of(" ,;|/", begin), cell.text.size());
        found.emplace_back(cell, cell.text.substr(begin, at - begin));
      }
    }
    return found;
  }

  void read_mac(const CsvCell& cell, std::string_view text, RegisterEntry& device) {
    const auto mac = read_written_mac(text);
    if (!mac || mac->group() || mac->zero()) {
      row_has_refused_mac_ = true;
      return refuse(cell.at, "asset.mac",
                    fmt::format("expected the MAC of one device, such as 58:46:e1:00:01:07, found '{}'", text));
    }
    if (const auto [former, fresh] = macs_.try_emplace(*mac, device.id, cell.at.line);
        !fresh && former->second != std::pair(device.id, cell.at.line)) {
      row_has_refused_mac_ = true;
      return refuse(cell.at, "asset.double-mac",
                    fmt::format("{} is also the MAC of '{}' in line {}", inventory::text_of(*mac), former->second.first,
                                former->second.second));
    }
    if (std::ranges::count(device.macs, *mac) == 0) device.macs.push_back(*mac);
  }

  void check_name(std::string_view kind, const CsvCell& cell, const std::vector<std::string>& known) {
    if (cell.text.empty()) return;
    if (!name_like(cell.text))
      return refuse(cell.at, "asset.name",
                    fmt::format("'{}' is no name of a {}: `values: {{{}: {{\"{}\": NAME}}}}` of the map says what is "
                                "meant",
                                cell.text, kind, kind, cell.text));
    if (known.empty() || std::ranges::count(known, cell.text) != 0) return;
    const auto near = policy::nearest(cell.text, known);
    refuse(cell.at, fmt::format("asset.unknown-{}", kind),
           fmt::format("the {} '{}' is not known{}", kind, cell.text,
                       near.empty() ? std::string("; `values:` of the map says what is meant by it")
                                    : fmt::format("; did you mean '{}'?", near)));
  }

  const MappedTable& table_;
  const KnownNames& known_;
  Errors& errors_;
  std::map<std::string, int> ids_;
  std::map<Mac, std::pair<std::string, int>> macs_;
  bool row_has_refused_mac_ = false;
};

}  // namespace

std::vector<std::string_view> asset_keys() {
  std::vector<std::string_view> keys{"id", "macs"};
  for (const auto& each : kTextKeys) keys.push_back(each.key);
  return keys;
}

std::optional<Mac> read_written_mac(std::string_view text) {
  if (const auto mac = inventory::parse_mac(text)) return mac;
  std::string digits(text);
  if (text.size() == 14 && text[4] == '.' && text[9] == '.') std::erase(digits, '.');
  if (text.size() == 17 && std::ranges::count(text, '-') == 5) std::erase(digits, '-');
  if (digits.size() != 12) return std::nullopt;
  std::string pairs;
  for (std::size_t i = 0; i < digits.size(); i += 2) pairs.append(i == 0 ? "" : ":").append(digits, i, 2);
  return inventory::parse_mac(pairs);
}

bool tells_apart(std::string_view serial) {
  constexpr std::array<std::string_view, 10> kNone{"n/a", "na",      "n.a.",      "none", "null",
                                                   "nil", "unknown", "unbekannt", "tbd",  "not available"};
  std::string lower(serial);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower.find_first_not_of("0-?.") != std::string::npos && std::ranges::count(kNone, lower) == 0;
}

DevicesIn devices_in(const MappedTable& table, const KnownNames& known, Errors& errors) {
  return Lines(table, known, errors).all();
}

}  // namespace wardline::assets
