#pragma once
#include <expected>
#include <string>
#include <vector>

#include "controlplane/signature_import/expression.h"
#include "controlplane/signature_import/rule.h"

namespace wardline::signature_import {

// A rule in the words of our signature language.
struct Signature {
  std::string id, title, severity, technique, source;
  std::vector<std::string> transports, within, groups, references;
  std::string side;  // client, server, either
  std::vector<std::uint16_t> ports;
  std::vector<PatternText> patterns;
  std::optional<std::uint32_t> exact_length;
  std::vector<std::string> notes;  // what was left out, and does no harm
};

// The error says why the rule cannot be carried over. `file` is named as the source.
std::expected<Signature, std::string> convert(const Rule& rule, const std::string& file);

}  // namespace wardline::signature_import
