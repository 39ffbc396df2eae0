#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace wardline::alerts {

// ArcSight Common Event Format, version 0: `CEF:0|Vendor|Product|Version|SignatureID|Name|Severity|key=value ...`.
// Source: "Implementing ArcSight Common Event Format". Keys are those of its dictionary.
//
// Escaping, backslash first. Header: `\` -> `\\`, `|` -> `\|`, no line ends at all. Extension values: `\` -> `\\`,
// `=` -> `\=`, line ends -> `\n` and `\r`; a pipe stays. Other control characters become a space in either place.
std::string escape_header(std::string_view text);
std::string escape_value(std::string_view text);

// One message. Empty values are left out; a key is never written twice (the first stands).
class CefMessage {
 public:
  // `signature_id` names the kind of event and never holds data; `severity` is 0 to 10.
  CefMessage(std::string_view version, std::string_view signature_id, std::string_view name, int severity);

  // `most` is the key's cap in characters.
  void put(std::string_view key, std::string_view value, std::size_t most = 1023);
  void put_number(std::string_view key, std::uint64_t value);
  // A custom slot: `csN` with its `csNLabel`, or `cnN` with `cnNLabel`.
  void put_custom(std::string_view key, std::string_view label, std::string_view value);

  std::string text() const;

 private:
  std::string header_;
  std::string extension_;
  std::vector<std::string> used_;
};

}  // namespace wardline::alerts
