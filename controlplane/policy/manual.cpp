#include "controlplane/policy/manual.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

namespace wardline::policy {
namespace {

// A cell of a table: what Markdown would take for its own is taken from it.
std::string cell(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c == '|' || c == '<' || c == '*') plain += '\\';
    plain += c == '\n' ? ' ' : c;
  }
  return plain;
}

std::string side_of(bool client, bool server) {
  return client && server ? "either" : client ? "client" : "server";
}

struct Application {
  std::set<std::string> transports;
  std::set<std::string> sources;
  std::vector<std::string> signatures;
  bool client = false, server = false;
};

std::string row_of(const SignatureText& text, enforce::DetectionAction action) {
  std::vector<std::string> about;
  for (const auto& reference : text.references) about.push_back(reference);
  if (!text.detector.empty()) about.push_back("behaviour");
  return fmt::format("| `{}` | {} | {} | {} | {} | {} | {} |\n", text.id, cell(text.threat), text.severity,
                     text.technique, fmt::join(text.groups, ", "),
                     enforce::kDetectionActionNames[static_cast<std::size_t>(action)],
                     cell(fmt::format("{}", fmt::join(about, " "))));
}

}  // namespace

std::string manual_of_detections(const Policy& policy) {
  const auto& texts = policy.signatures.texts;
  std::map<std::string, std::vector<std::size_t>> files;
  std::size_t count = 0;
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (!texts[i].threat.empty()) files[texts[i].at.file].push_back(i), ++count;
  std::string page = fmt::format(
      "# Detections\n\n"
      "Made by `scripts/docs` from `policies/`; do not edit. {} detections. The action is what the shipped `site.yaml` "
      "says where\n"
      "a class says nothing of its own; essential flows are only alerted on.\n",
      count);
  for (const auto& [file, members] : files) {
    page += fmt::format(
        "\n## {}\n\n| id | what | severity | technique | group | action | see |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n",
        file);
    for (const auto member : members) page += row_of(texts[member], policy.plain.detection_actions.at(0).at(member));
  }
  return page;
}

std::string manual_of_applications(const Policy& policy) {
  const auto& set = policy.signatures;
  std::map<std::string, Application> applications;
  for (std::size_t i = 0; i < set.texts.size(); ++i) {
    const auto& text = set.texts[i];
    if (text.application.empty()) continue;
    auto& application = applications[text.application];
    if (set.traits[i].tcp) application.transports.insert("tcp");
    if (set.traits[i].udp) application.transports.insert("udp");
    application.client |= set.traits[i].from_client;
    application.server |= set.traits[i].from_server;
    application.sources.insert(cell(text.source));
    application.signatures.push_back("`" + text.id + "`");
  }
  std::string page = fmt::format(
      "# Applications\n\n"
      "Made by `scripts/docs` from `policies/`; do not edit. {} applications that the payload proves. Besides these, "
      "`icmp` is known\n"
      "by its protocol and `ftp-data` by what an FTP conversation announced.\n\n"
      "| application | transport | side | signatures | source |\n| --- | --- | --- | --- | --- |\n",
      applications.size());
  for (const auto& [name, application] : applications)
    page += fmt::format("| `{}` | {} | {} | {} | {} |\n", name, fmt::join(application.transports, ", "),
                        side_of(application.client, application.server), fmt::join(application.signatures, " "),
                        fmt::join(application.sources, "; "));
  if (set.device_texts.empty()) return page;
  page += "\n## What signatures tell of devices\n\n| signature | tells | source |\n| --- | --- | --- |\n";
  for (const auto& text : set.device_texts)
    page += fmt::format("| `{}` | {} | {} |\n", text.id, cell(text.device), cell(text.source));
  return page;
}

}  // namespace wardline::policy
