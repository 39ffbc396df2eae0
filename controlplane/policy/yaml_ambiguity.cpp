#include "controlplane/policy/yaml_ambiguity.h"

#include <algorithm>
#include <string>

namespace wardline::policy {
namespace {

bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool hex(char c) {
  return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Every digit as 9: dates all look alike.
std::string shape_of(std::string_view text) {
  std::string shape(text);
  for (char& c : shape) c = digit(c) ? '9' : c;
  return shape;
}

bool mac(std::string_view text) {
  if (text.size() != 17) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i % 3 == 2 ? text[i] != ':' && text[i] != '-' : !hex(text[i])) return false;
  return true;
}

// 12:30, 7:05:00, 1:20:30:40: groups of digits; YAML 1.1 reads them as base 60.
bool base60(std::string_view text) {
  return text.find(':') != std::string_view::npos && digit(text.front()) && digit(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return digit(c) || c == ':'; }) &&
         text.find("::") == std::string_view::npos;
}

}  // namespace

std::string_view meant_boolean(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  if (lower == "yes" || lower == "on" || lower == "y" || lower == "true") return "true";
  if (lower == "no" || lower == "off" || lower == "n" || lower == "false") return "false";
  return "";
}

std::string_view other_reading(std::string_view text) {
  if (text.empty()) return "";
  if (!meant_boolean(text).empty()) return "a boolean";
  if (mac(text)) return "possibly a base-60 number, and it is a MAC";
  if (base60(text)) return "a clock time or a base-60 number";
  const std::string shape = shape_of(text);
  if (shape.starts_with("9999-99-99")) return "a date";
  const bool number = std::all_of(text.begin(), text.end(), digit);
  if (number && text.size() > 1 && text.front() == '0') return "an octal number (it begins with a zero)";
  if (text.starts_with("0x") || text.starts_with("0X")) return "a hexadecimal number";
  return "";
}

}  // namespace wardline::policy
