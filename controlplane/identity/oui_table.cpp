#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

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
    std::string field;
    prefix.clear();
    organisation.clear();
    for (int column = 0;; ++column) {
      const bool more = read_field(field);
      if (column == 1) prefix.swap(field);
      if (column == 2) organisation.swap(field);
      if (!more) return true;
    }
  }

 private:
  // True when another field of the same row follows.
  bool read_field(std::string& field) {
    field.clear();
    bool quoted = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        if (quoted && at_ + 1 < text_.size() && text_[at_ + 1] == '"')
          field += text_[at_++];
        else
          quoted = !quoted;
      } else if (!quoted && (c == ',' || c == '\n')) {
        ++at_;
        return c == ',';
      } else if (c != '\r') {
        field += c;
      }
    }
    return false;
  }

  std::string text_;
  std::size_t at_ = 0;
};

// Prefixes of `bits` bits, sorted. The Registration Authority holds ranges that it hands out in smaller parts: where
// the part is unknown, its name would mislead.
bool read_registry(const std::string& path, std::size_t bits, Prefixes& prefixes) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return false;
  Rows rows(std::string(std::istreambuf_iterator<char>(file), {}));
  std::string digits, organisation;
  while (rows.next(digits, organisation)) {
    std::uint64_t prefix = 0;
    const auto end = digits.data() + digits.size();
    if (digits.size() != bits / 4 || std::from_chars(digits.data(), end, prefix, 16).ptr != end) continue;
    auto vendor = inventory::clean_text(organisation);
    if (!vendor.empty() && vendor != "IEEE Registration Authority") prefixes.emplace_back(prefix, std::move(vendor));
  }
  std::ranges::stable_sort(prefixes, {}, &Prefixes::value_type::first);
  return true;
}

const std::string* find(const Prefixes& prefixes, std::uint64_t prefix) {
  const auto at = std::ranges::lower_bound(prefixes, prefix, {}, &Prefixes::value_type::first);
  return at != prefixes.end() && at->first == prefix ? &at->second : nullptr;
}

}  // namespace

Result<OuiTable> OuiTable::load(const std::string& folder) {
  OuiTable table;
  if (!read_registry(folder + "/oui.csv", 24, table.by24_) || table.by24_.empty()) {
    return fail("identity.no-vendors", folder + "/oui.csv",
                "the list of vendors by MAC cannot be read; install the Debian package ieee-data. Until then no device "
                "has a vendor by its MAC");
  }
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
    if (const auto* vendor = find(*prefixes, number >> (48 - bits))) return *vendor;
  return {};
}

std::size_t OuiTable::size() const {
  return by24_.size() + by28_.size() + by36_.size();
}

}  // namespace wardline::identity
