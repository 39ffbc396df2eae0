#include "controlplane/signature_import/yaml_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace wardline::signature_import {
namespace {

// In single quotes everything stands for itself but the quote; what cannot be printed is written \xNN, which every
// expression understands.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\'')
      out += "''";
    else if (byte < 0x20 || byte > 0x7e)
      out += fmt::format("\\x{:02x}", byte);
    else
      out += c;
  }
  return out + "'";
}

std::string hex(std::string_view bytes) {
  std::string out = "'hex: ";
  for (std::size_t i = 0; i < bytes.size();) {
    std::size_t run = 1;
    while (i + run < bytes.size() && bytes[i + run] == bytes[i]) ++run;
    out += fmt::format("{:02x}", static_cast<unsigned char>(bytes[i]));
    if (run > 3) {
      out += fmt::format("*{} ", run);
      i += run;
    } else {
      ++i;
    }
  }
  return out + "'";
}

std::string pattern_keys(const PatternText& pattern) {
  std::string text = "pattern: " + quoted(pattern.expression);
  if (pattern.caseless) text += ", caseless: true";
  if (pattern.offset != 0) text += fmt::format(", offset: {}", pattern.offset);
  if (pattern.depth != 0) text += fmt::format(", depth: {}", pattern.depth);
  if (pattern.negated) text += ", negate: true";
  return text;
}

std::string example_line(const Signature& signature, const std::string& payload) {
  std::string text = "{payload: " + hex(payload);
  if (!signature.within.empty()) text += ", app: " + signature.within.front();
  return text + "}";
}

}  // namespace

std::string yaml_of(const Signature& signature, const std::string& example, const std::string& near_miss) {
  std::string text = fmt::format("  - id: {}\n    threat: {}\n", signature.id, quoted(signature.title));
  for (const auto& note : signature.notes) text += fmt::format("    # {}\n", note);
  text += fmt::format("    transport: [{}]\n    side: {}\n", fmt::join(signature.transports, ", "), signature.side);
  if (!signature.within.empty()) text += fmt::format("    within: [{}]\n", fmt::join(signature.within, ", "));
  text += "    match: all\n    patterns:\n";
  for (const auto& pattern : signature.patterns) text += "      - {" + pattern_keys(pattern) + "}\n";
  if (signature.exact_length) text += fmt::format("    exact_length: {}\n", *signature.exact_length);
  if (!signature.ports.empty()) text += fmt::format("    ports: [{}]\n", fmt::join(signature.ports, ", "));
  text += fmt::format("    severity: {}\n    group: [{}]\n", signature.severity, fmt::join(signature.groups, ", "));
  if (!signature.technique.empty()) text += fmt::format("    technique: {}\n", signature.technique);
  if (!signature.references.empty()) {
    text += "    reference: [";
    for (std::size_t i = 0; i < signature.references.size(); ++i)
      text += (i == 0 ? "" : ", ") + quoted(signature.references[i]);
    text += "]\n";
  }
  text += fmt::format("    source: {}\n    examples:\n", quoted(signature.source));
  text += fmt::format("      match: [{}]\n      no_match: [{}]\n", example_line(signature, example),
                      example_line(signature, near_miss));
  return text;
}

}  // namespace wardline::signature_import
