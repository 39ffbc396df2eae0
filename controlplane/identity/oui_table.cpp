#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "controlplane/identity/identity.h"
#include "controlplane/inventory/text.h"

namespace wardline::identity {
namespace {

using Prefixes = std::vector<std::pair<std::uint64_t, std::string>>;

// Reads the first three fields of every row of a registry (RFC 4180: quoted fields may hold commas, line ends and
// doubled quotes): the registry, the prefix in hexadecimal digits, the organisation.
class Rows {
 public:
  explicit Rows(std::string text) : text_(std::move(text)) {}

  bool next(std::string& prefix, std::string& organisation) {
    if (at_ >= text_.size()) return false;
    prefix.clear();
    organisation.clear();
    for (int column = 0;; ++column) {
      std::string* wanted = column == 1 ? &prefix : column == 2 ? &organisation : nullptr;
      if (!read_field(wanted)) return true;
    }
  }

 private:
  // True when another field of the same row follows. A field that nobody wants is skipped.
  bool read_field(std::string* field) {
    bool quoted = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        if (quoted && at_ + 1 < text_.size() && text_[at_ + 1] == '"')
          add(field, text_[at_++]);
        else
          quoted = !quoted;
      } else if (!quoted && (c == ',' || c == '\n')) {
        ++at_;
        return c == ',';
      } else if (c != '\r') {
        add(field, c);
      }
    }
    return false;
  }

  static void add(std::string* field, char c) {
    if (field != nullptr) *field += c;
  }

  std::string text_;
  std::size_t at_ = 0;
};

std::string text_of_file(const std::string& path) {
  std::error_code fault;
  const auto size = std::filesystem::file_size(path, fault);
  if (fault) return {};
  std::string text(size, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(text.data(), static_cast<std::streamsize>(size));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return text;
}

std::chrono::sys_seconds date_of_file(const std::string& path) {
  std::error_code fault;
  const auto written = std::filesystem::last_write_time(path, fault);
  if (fault) return {};
  return std::chrono::floor<std::chrono::seconds>(std::chrono::file_clock::to_sys(written));
}

// Prefixes of `bits` bits, sorted, with names as published: they are cleaned when they are asked for, since most never
// are and every start of the daemon waits for this. The Registration Authority holds ranges that it hands out in
// smaller parts: where the part is unknown, its name would mislead.
void read_registry(const std::string& path, std::size_t bits, Prefixes& prefixes) {
  Rows rows(text_of_file(path));
  std::string digits, organisation;
  while (rows.next(digits, organisation)) {
    std::uint64_t prefix = 0;
    const auto end = digits.data() + digits.size();
    if (digits.size() != bits / 4 || std::from_chars(digits.data(), end, prefix, 16).ptr != end) continue;
    if (organisation.starts_with("IEEE Registration Authority")) continue;
    prefixes.emplace_back(prefix, organisation);
  }
  std::ranges::stable_sort(prefixes, {}, &Prefixes::value_type::first);
}

const std::string* find(const Prefixes& prefixes, std::uint64_t prefix) {
  const auto at = std::ranges::lower_bound(prefixes, prefix, {}, &Prefixes::value_type::first);
  return at != prefixes.end() && at->first == prefix ? &at->second : nullptr;
}

}  // namespace

Result<OuiTable> OuiTable::load(const std::string& folder) {
  OuiTable table;
  read_registry(folder + "/oui.csv", 24, table.by24_);
  if (table.by24_.empty())
    return fail("identity.no-vendors", folder + "/oui.csv",
                "the list of vendors by MAC cannot be read; install the Debian package ieee-data. Until then no device "
                "has a vendor by its MAC");
  table.date_ = date_of_file(folder + "/oui.csv");
  // The smaller ranges are a refinement; without their files the table is still of use.
  read_registry(folder + "/mam.csv", 28, table.by28_);
  read_registry(folder + "/iab.csv", 36, table.by36_);
  read_registry(folder + "/oui36.csv", 36, table.by36_);
  return table;
}

std::string OuiTable::vendor(const Mac& mac) const {
  if ((mac.bytes[0] & 3) != 0) return {};  // locally administered, or a group
  const auto number = mac.number();
  for (const auto& [prefixes, bits] : {std::pair{&by36_, 36}, std::pair{&by28_, 28}, std::pair{&by24_, 24}})
    if (const auto* vendor = find(*prefixes, number >> (48 - bits))) return inventory::clean_text(*vendor);
  return {};
}

std::size_t OuiTable::size() const {
  return by24_.size() + by28_.size() + by36_.size();
}

}  // namespace wardline::identity
