// A file of signatures, and what every entry of it has. Patterns, examples, captures and detectors have their own
// files.
#include "controlplane/policy/signature_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "controlplane/policy/signature_words.h"
#include "controlplane/policy/values.h"

namespace wardline::policy {
namespace {

void read_what_it_proves(YamlMap& map, SignatureEntry& entry) {
  const auto application = map.get("application"), threat = map.get("threat"), device = map.get("device");
  if (application) {
    entry.text.application = application.as_name().value_or("");
    if (std::ranges::find(kReservedApps, entry.text.application) != kReservedApps.end())
      application.error("signature.reserved", "the application name '" + entry.text.application +
                                                  "' has a meaning of its own; choose another");
  }
  if (threat) {
    entry.text.threat = threat.as_text(120).value_or("");
    entry.traits.threat = true;
  }
  if (device) entry.text.device = device.as_text(120).value_or("");
  if (static_cast<int>(static_cast<bool>(application)) + static_cast<int>(static_cast<bool>(threat)) +
          static_cast<int>(static_cast<bool>(device)) >
      1)
    (device ? device : threat)
        .error("signature.kind", "expected one of application, threat and device, found more: write a signature each");
  if (!application && !threat && !device) map.require("application");
}

void read_direction(YamlMap& map, classify::SignatureTraits& traits) {
  traits.tcp = traits.udp = false;
  each_of(map.require("transport"), "transport", [&](const YamlValue& value) {
    if (const auto word = value.as_one_of(kTransportWords)) (*word == 0 ? traits.tcp : traits.udp) = true;
  });
  if (const auto side = map.require("side"))
    if (const auto word = side.as_one_of(kSideWords)) {
      traits.from_client = *word != 1;
      traits.from_server = *word != 0;
    }
}

void read_length(YamlMap& map, SignatureEntry& entry) {
  const auto length = map.get("exact_length");
  if (!length) return;
  entry.traits.exact_length =
      static_cast<std::uint8_t>(length.as_number(1, 255, "a payload length in bytes").value_or(0));
  if (entry.traits.tcp)
    length.error("signature.exact-length",
                 "exact_length is for datagrams: expected transport: [udp], found tcp, "
                 "whose bytes come in pieces of any size");
}

// `within: smb1`, or a list of at most `most`.
std::vector<Word> read_app_names(const YamlValue& value, std::size_t most) {
  std::vector<Word> names;
  if (value.is_list())
    names = read_names(value);
  else if (auto name = value.as_name())
    names.push_back({std::move(*name), value.at()});
  if (names.size() > most || (value.is_list() && names.empty()))
    value.error("signature.within", fmt::format("expected 1 to {} applications, found {}", most, names.size()));
  names.resize(std::min(names.size(), most));
  return names;
}

void read_surrounding_apps(YamlMap& map, SignatureEntry& entry) {
  const auto within = map.get("within"), carried_by = map.get("carried_by");
  if (within) entry.within = read_app_names(within, entry.traits.within.size());
  if (!carried_by) return;
  if (entry.text.application.empty())
    carried_by.error("signature.kind", "only an application is carried by another; a threat stands `within` one");
  entry.carriers = read_app_names(carried_by, entry.traits.carriers.size());
}

void read_weight(YamlMap& map, SignatureEntry& entry) {
  const auto confidence = map.get("confidence"), ports = map.get("ports");
  entry.traits.confidence = 80;
  if (confidence)
    entry.traits.confidence = static_cast<std::uint8_t>(confidence.as_number(1, 100, "a confidence").value_or(80));
  if (!ports) return;
  std::size_t count = 0;
  each_of(ports, "port", [&](const YamlValue& value) {
    const auto port = value.as_number(1, 65535, "a port");
    if (count == entry.traits.port_hint.size())
      value.error("signature.ports", "expected at most " + std::to_string(count) + " ports");
    else if (port)
      entry.traits.port_hint[count] = static_cast<std::uint16_t>(*port);
    count += count < entry.traits.port_hint.size() ? 1 : 0;
  });
}

bool is_technique(const std::string& text) {  // T1210 or T1110.001
  const auto digits = [&](std::size_t from, std::size_t count) {
    return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(from),
                       text.begin() + static_cast<std::ptrdiff_t>(from + count),
                       [](char c) { return c >= '0' && c <= '9'; });
  };
  if (!text.starts_with('T')) return false;
  return (text.size() == 5 && digits(1, 4)) || (text.size() == 9 && digits(1, 4) && text[5] == '.' && digits(6, 3));
}

bool is_reference(const std::string& text) {  // CVE-2017-0144 or an address of the web
  if (text.starts_with("https://") || text.starts_with("http://"))
    return text.find_first_of(" \t\r\n") == std::string::npos;
  return text.starts_with("CVE-") && text.size() >= 13 && text[8] == '-' &&
         text.find_first_not_of("0123456789-", 4) == std::string::npos;
}

void read_references(YamlMap& map, SignatureEntry& entry) {
  const auto list = map.get("reference");
  if (!list) return;
  each_of(list, "reference", [&](const YamlValue& value) {
    const auto text = value.as_text(200);
    if (!text) return;
    if (is_reference(*text))
      entry.text.references.push_back(*text);
    else
      value.error("signature.reference",
                  fmt::format("expected CVE-2017-0144 or an address that begins with https://, found '{}'", *text));
  });
}

// What only threats have, said by name.
void refuse_weight_of_threat(YamlMap& map) {
  for (const auto* key : {"severity", "technique", "group", "action"})
    if (const auto value = map.get(key))
      value.error("signature.kind", fmt::format("only threats have '{}', this is none; take it out", key));
}

SignatureEntry read_entry(const YamlValue& value) {
  SignatureEntry entry;
  auto map = value.as_map();
  if (!map) return entry;
  entry.text.at = value.at();
  entry.text.id = map->require("id").as_name().value_or("");
  read_what_it_proves(*map, entry);
  read_direction(*map, entry.traits);
  read_patterns(*map, entry);
  read_length(*map, entry);
  read_surrounding_apps(*map, entry);
  read_weight(*map, entry);
  if (entry.traits.threat)
    read_weight_of_threat(*map, entry);
  else
    refuse_weight_of_threat(*map);
  read_references(*map, entry);
  read_device(*map, entry);
  entry.text.source = map->require("source").as_text().value_or("");
  read_examples(*map, entry);
  if (const auto drops = map->get("drops"))
    drops.error("signature.drops",
                "what a detection does is said by `detections:` of the site and its classes; write `action: condemn` "
                "for what it does where these are silent");
  map->finish();
  return entry;
}

}  // namespace

void read_weight_of_threat(YamlMap& map, SignatureEntry& entry) {
  const auto severity = map.require("severity");
  const auto technique = map.get("technique"), group = map.get("group"), action = map.get("action");
  if (severity)
    if (const auto word = severity.as_one_of(kSeverityWords)) {
      entry.text.severity = kSeverityWords[*word];
      entry.traits.severity = kSeverityNumbers[*word];
    }
  if (technique) {
    entry.text.technique = technique.as_text(16).value_or("");
    if (!is_technique(entry.text.technique))
      technique.error("signature.technique",
                      "expected a MITRE ATT&CK technique such as T1210 or T1110.001, found '" + technique.raw() + "'");
  }
  if (group)
    each_of(group, "group", [&](const YamlValue& value) {
      const auto word = value.as_one_of(kGroupWords);
      if (!word) return;
      const std::string name(kGroupWords[*word]);
      if (std::ranges::find(entry.text.groups, name) != entry.text.groups.end())
        value.error("policy.double", fmt::format("'{}' stands in this list twice", name));
      else
        entry.text.groups.push_back(name);
    });
  if (action)
    if (const auto word = action.as_one_of(enforce::kDetectionActionNames))
      entry.text.action = static_cast<enforce::DetectionAction>(*word);
}

std::vector<SignatureEntry> read_signature_file(const YamlDocument& document) {
  std::vector<SignatureEntry> entries;
  auto map = document.root().as_map();
  if (!map) return entries;
  const auto detectors = map->get("detectors");
  const auto signatures = detectors ? map->get("signatures") : map->require("signatures");
  if (signatures)
    each_of(signatures, "signature", [&](const YamlValue& value) { entries.push_back(read_entry(value)); });
  if (detectors)
    each_of(detectors, "detector", [&](const YamlValue& value) { entries.push_back(read_detector(value)); });
  map->finish();
  return entries;
}

}  // namespace wardline::policy
