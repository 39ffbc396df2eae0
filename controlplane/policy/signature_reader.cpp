#include "controlplane/policy/signature_reader.h"

#include <algorithm>
#include <array>

#include "controlplane/policy/signature_examples.h"
#include "dataplane/classify/literal.h"

namespace wardline::policy {
namespace {

constexpr std::size_t kMaxPatterns = 32;
constexpr std::size_t kMaxExampleText = 16384;
constexpr std::int64_t kMaxScanBytes = 65535;  // a datagram

// Words that rules use with a meaning of their own.
constexpr std::array<std::string_view, 6> kReservedApps{"unknown", "unclassified", "any", "icmp", "ftp-data", "none"};

// In the order of the words that `severity:` takes; 0 to 10.
constexpr std::array<std::uint8_t, 5> kSeverities{1, 3, 5, 8, 10};
constexpr std::array<std::string_view, 5> kSeverityWords{"info", "low", "medium", "high", "critical"};

// Calls `read` on each member of a list; a missing or empty one is reported.
template <typename Read>
void each_of(const YamlValue& value, std::string_view what, Read read) {
  const auto list = value.as_list();
  if (!list) return;
  if (list->size() == 0) value.error("signature.empty", "expected at least one " + std::string(what) + ", found none");
  for (std::size_t i = 0; i < list->size(); ++i) read((*list)[i]);
}

void read_what_it_proves(YamlMap& map, SignatureEntry& entry) {
  const auto application = map.get("application"), threat = map.get("threat"), device = map.get("device");
  if (device)
    device.error("signature.device",
                 "devices are told by their class's `identify: evidence:`, not by signatures; "
                 "expected application or threat");
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
  if (application && threat)
    threat.error("signature.kind", "expected either application or threat, found both: write two signatures");
  if (!application && !threat && !device) map.require("application");
}

void read_direction(YamlMap& map, classify::SignatureTraits& traits) {
  traits.tcp = traits.udp = false;
  each_of(map.require("transport"), "transport", [&](const YamlValue& value) {
    if (const auto word = value.as_word({"tcp", "udp"})) (*word == 0 ? traits.tcp : traits.udp) = true;
  });
  if (const auto side = map.require("side"))
    if (const auto word = side.as_word({"client", "server", "either"})) {
      traits.from_client = *word != 1;
      traits.from_server = *word != 0;
    }
}

void read_pattern(const YamlValue& value, SignatureEntry& entry) {
  const auto expression = value.as_text(4096);
  if (!expression) return;
  if (expression->empty() || expression->find('\0') != std::string::npos) {
    value.error("signature.pattern", "expected a regular expression without NUL bytes (write \\x00), found " +
                                         std::string(expression->empty() ? "an empty text" : "a NUL byte"));
    return;
  }
  classify::Pattern pattern;
  pattern.expression = *expression;
  pattern.where = value.at().text();
  entry.patterns.push_back(std::move(pattern));
}

void read_patterns(YamlMap& map, SignatureEntry& entry) {
  const auto one = map.get("pattern"), several = map.get("patterns"), match = map.get("match");
  if (one && several) several.error("signature.pattern", "expected either pattern or patterns, found both");
  if (one) read_pattern(one, entry);
  if (several) each_of(several, "pattern", [&](const YamlValue& value) { read_pattern(value, entry); });
  if (!one && !several) map.require("pattern");
  if (entry.patterns.size() > kMaxPatterns)
    several.error("signature.pattern", "expected at most " + std::to_string(kMaxPatterns) + " patterns, found " +
                                           std::to_string(entry.patterns.size()));
  if (several && !match) several.error("signature.match", "expected `match: any` or `match: all` beside patterns");
  if (match && !several) match.error("signature.match", "`match` goes with `patterns`, found `pattern`");
  if (match && match.as_word({"any", "all"}).value_or(0) == 1)
    entry.traits.pattern_count = static_cast<std::uint8_t>(std::min(entry.patterns.size(), kMaxPatterns));
}

// Bounds and flags apply to every pattern of the signature.
void read_bounds(YamlMap& map, SignatureEntry& entry) {
  const auto offset = map.get("offset"), depth = map.get("depth"), caseless = map.get("caseless");
  const auto low = offset ? offset.as_number(1, kMaxScanBytes, "an offset in bytes").value_or(0) : 0;
  const auto high = depth ? depth.as_number(1, kMaxScanBytes, "a depth in bytes").value_or(0) : 0;
  if (low != 0 && high != 0 && low > high)
    offset.error("signature.offset", "expected an offset up to the depth " + std::to_string(high) + ", found " +
                                         std::to_string(low) + ": nothing could match");
  const bool ignore_case = caseless && caseless.as_bool().value_or(false);
  using classify::Search;
  for (auto& pattern : entry.patterns) {
    pattern.min_offset = static_cast<std::uint32_t>(low);
    pattern.max_offset = static_cast<std::uint32_t>(high);
    pattern.caseless = ignore_case;
    pattern.search = pattern.expression.starts_with('^') ? Search::kAnchored : Search::kConfirmed;
    if (pattern.search == Search::kConfirmed)
      pattern.literal = classify::required_literal(pattern.expression, ignore_case).value_or("");
  }
  if (const auto length = map.get("exact_length")) {
    entry.traits.exact_length =
        static_cast<std::uint8_t>(length.as_number(1, 255, "a payload length in bytes").value_or(0));
    if (entry.traits.tcp)
      length.error("signature.exact-length",
                   "exact_length is for datagrams: expected transport: [udp], found tcp, "
                   "whose bytes come in pieces of any size");
  }
}

void read_weight(YamlMap& map, SignatureEntry& entry) {
  entry.traits.confidence = 80;
  if (const auto confidence = map.get("confidence"))
    entry.traits.confidence = static_cast<std::uint8_t>(confidence.as_number(1, 100, "a confidence").value_or(80));
  if (const auto ports = map.get("ports")) {
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

void read_threat(YamlMap& map, SignatureEntry& entry) {
  const auto severity = map.get("severity"), technique = map.get("technique"), drops = map.get("drops");
  if (!entry.traits.threat) {
    for (const auto& value : {severity, technique, drops})
      if (value)
        value.error("signature.kind", "only threats have severity, technique and drops; this is an application");
    return;
  }
  if (!severity) map.require("severity");
  if (severity)
    if (const auto word = severity.as_word({"info", "low", "medium", "high", "critical"})) {
      entry.text.severity = kSeverityWords[*word];
      entry.traits.severity = kSeverities[*word];
    }
  if (technique) {
    entry.text.technique = technique.as_text(16).value_or("");
    if (!is_technique(entry.text.technique))
      technique.error("signature.technique",
                      "expected a MITRE ATT&CK technique such as T1210 or T1110.001, found '" + technique.raw() + "'");
  }
  if (drops) entry.text.drops = drops.as_bool().value_or(false);
}

std::optional<SignatureExample> read_example(const YamlValue& value, bool must_match) {
  SignatureExample example;
  example.must_match = must_match;
  example.at = value.at();
  YamlValue payload = value;
  if (value.is_map()) {
    auto map = *value.as_map();
    payload = map.require("payload");
    if (const auto port = map.get("port"))
      example.server_port = static_cast<std::uint16_t>(port.as_number(1, 65535, "a port").value_or(0));
    if (const auto side = map.get("side"))
      if (const auto word = side.as_word({"client", "server"}))
        example.sender = *word == 0 ? classify::Sender::kClient : classify::Sender::kServer;
    if (const auto transport = map.get("transport"))
      if (const auto word = transport.as_word({"tcp", "udp"}))
        example.transport = *word == 0 ? classify::Transport::kTcp : classify::Transport::kUdp;
    map.finish();
  }
  if (!payload) return std::nullopt;
  const auto written = payload.as_text(kMaxExampleText);
  if (!written) return std::nullopt;
  const auto decoded = decode_payload(*written);
  if (!decoded || decoded->empty()) {
    payload.error("signature.example",
                  "expected \"hex: 01 00*4 ff\" or a text with \\r \\n \\t \\0 \\\\ \\xNN, found '" +
                      written->substr(0, 60) + "'");
    return std::nullopt;
  }
  example.payload = *decoded;
  return example;
}

void read_examples(YamlMap& map, SignatureEntry& entry) {
  const auto examples = map.require("examples");
  if (!examples) return;
  auto kinds = examples.as_map();
  if (!kinds) return;
  for (const bool must_match : {true, false})
    each_of(kinds->require(must_match ? "match" : "no_match"), "example", [&](const YamlValue& value) {
      if (auto example = read_example(value, must_match)) entry.examples.push_back(std::move(*example));
    });
  kinds->finish();
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
  read_bounds(*map, entry);
  read_weight(*map, entry);
  read_threat(*map, entry);
  const auto source = map->require("source");
  entry.text.source = source.as_text().value_or("");
  read_examples(*map, entry);
  map->finish();
  return entry;
}

}  // namespace

std::vector<SignatureEntry> read_signature_file(const YamlDocument& document) {
  std::vector<SignatureEntry> entries;
  auto map = document.root().as_map();
  if (!map) return entries;
  each_of(map->require("signatures"), "signature",
          [&](const YamlValue& value) { entries.push_back(read_entry(value)); });
  map->finish();
  return entries;
}

}  // namespace wardline::policy
