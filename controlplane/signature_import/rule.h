#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

// Rules of Suricata and Snort as text: `alert tcp $A any -> $B 80 (msg:"..."; content:"..."; sid:1;)`.
namespace wardline::signature_import {

// `name:value` or `name` alone. Quotes around the value are taken off, escapes inside it are left.
struct Option {
  std::string name, value;
  bool negated = false;  // `!` before the quotes
};

struct Rule {
  std::uint32_t line = 0;  // of the file, where the rule begins
  std::string action, protocol, source, source_port, destination, destination_port;
  bool both_ways = false;  // `<>`
  std::vector<Option> options;

  // The value of the first option of this name; "" where there is none.
  std::string_view value_of(std::string_view name) const;
};

// A rule that cannot even be taken apart: where and why.
struct Unreadable {
  std::uint32_t line;
  std::string why, text;  // `text`: its beginning
};

struct RuleFile {
  std::vector<Rule> rules;
  std::vector<Unreadable> unreadable;
  std::uint32_t disabled = 0;  // commented out with '#'
};

// Empty lines and comments are passed over, a backslash at the end of a line joins it with the next.
RuleFile read_rules(std::string_view text);

}  // namespace wardline::signature_import
