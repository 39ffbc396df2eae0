#include "controlplane/signature_import/describe.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace wardline::signature_import {
namespace {

// Classes of attack as both engines ship them, with the default priority (1 is the gravest).
struct ClassType {
  std::string_view name, severity, group;
};
constexpr std::array<ClassType, 38> kClassTypes{{
    {"attempted-admin", "high", "exploit"},
    {"attempted-user", "high", "exploit"},
    {"successful-admin", "critical", "exploit"},
    {"successful-user", "critical", "exploit"},
    {"shellcode-detect", "high", "exploit"},
    {"web-application-attack", "high", "exploit"},
    {"web-application-activity", "medium", "exploit"},
    {"exploit-kit", "high", "exploit"},
    {"unsuccessful-user", "medium", "exploit"},
    {"trojan-activity", "high", "botnet"},
    {"malware-cnc", "critical", "c2"},
    {"command-and-control", "critical", "c2"},
    {"domain-c2", "critical", "c2"},
    {"targeted-activity", "high", "c2"},
    {"coin-mining", "medium", "miner"},
    {"attempted-recon", "medium", "recon"},
    {"successful-recon-limited", "medium", "recon"},
    {"successful-recon-largescale", "medium", "recon"},
    {"network-scan", "low", "scanner"},
    {"rpc-portmap-decode", "low", "recon"},
    {"attempted-dos", "medium", "dos"},
    {"denial-of-service", "medium", "dos"},
    {"successful-dos", "high", "dos"},
    {"policy-violation", "low", "policy"},
    {"pup-activity", "low", "policy"},
    {"inappropriate-content", "low", "policy"},
    {"kickass-porn", "low", "policy"},
    {"suspicious-login", "medium", "credentials"},
    {"default-login-attempt", "medium", "credentials"},
    {"suspicious-filename-detect", "medium", "policy"},
    {"credential-theft", "high", "credentials"},
    {"social-engineering", "medium", "credentials"},
    {"sdf", "medium", "exfiltration"},
    {"external-ip-check", "low", "recon"},
    {"protocol-command-decode", "info", "policy"},
    {"not-suspicious", "info", "policy"},
    {"misc-attack", "medium", "exploit"},
    {"system-call-detect", "medium", "exploit"},
}};

const ClassType* class_type(const Rule& rule) {
  const auto found = std::ranges::find(kClassTypes, rule.value_of("classtype"), &ClassType::name);
  return found == kClassTypes.end() ? nullptr : &*found;
}

// The word behind `key` in `metadata:key value, key value;`.
std::string_view metadata(const Rule& rule, std::string_view key) {
  for (const auto& option : rule.options) {
    if (option.name != "metadata") continue;
    std::string_view rest = option.value;
    while (!rest.empty()) {
      auto item = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(item.size() + 1, rest.size()));
      while (item.starts_with(' ')) item.remove_prefix(1);
      if (item.starts_with(key) && item.size() > key.size() && item[key.size()] == ' ')
        return item.substr(key.size() + 1);
    }
  }
  return {};
}

}  // namespace

std::string severity_of(const Rule& rule) {
  const auto word = metadata(rule, "signature_severity");
  if (word == "Critical") return "critical";
  if (word == "Major") return "high";
  if (word == "Minor") return "medium";
  if (word == "Informational") return "info";
  const auto priority = rule.value_of("priority");
  if (priority == "1") return "high";
  if (priority == "2") return "medium";
  if (!priority.empty()) return "low";
  const auto* type = class_type(rule);
  return std::string(type != nullptr ? type->severity : "medium");
}

std::string group_of(const Rule& rule) {
  const auto* type = class_type(rule);
  return std::string(type != nullptr ? type->group : "exploit");
}

std::string technique_of(const Rule& rule) {
  const auto id = metadata(rule, "mitre_technique_id");
  const auto digits = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  const bool plain = id.size() == 5 && digits(id.substr(1));
  const bool part = id.size() == 9 && digits(id.substr(1, 4)) && id[5] == '.' && digits(id.substr(6));
  return id.starts_with('T') && (plain || part) ? std::string(id) : "";
}

std::vector<std::string> references_of(const Rule& rule) {
  std::vector<std::string> references;
  for (const auto& option : rule.options) {
    if (option.name != "reference") continue;
    const std::string_view text = option.value;
    const auto comma = text.find(',');
    if (comma == std::string_view::npos) continue;
    const auto kind = text.substr(0, comma);
    auto value = text.substr(comma + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    if (kind == "cve")
      references.push_back((value.starts_with("CVE-") ? "" : "CVE-") + std::string(value));
    else if (kind == "url" && !value.starts_with("http:"))
      references.push_back((value.starts_with("https:") ? "" : "https://") + std::string(value));
  }
  return references;
}

}  // namespace wardline::signature_import
