// The forms of classes, of the site, of the register and of expectations.
#include "controlplane/policy/schema.h"

#include <algorithm>

#include "controlplane/policy/attributes.h"
#include "controlplane/policy/schema_parts.h"
#include "dataplane/facts/fact.h"
#include "dataplane/reason.h"

namespace wardline::policy {
namespace schema {
namespace {

constexpr std::array<std::string_view, 2> kActions{"allow", "drop"};
constexpr std::array<std::string_view, 4> kProfiles{"none", "contain", "isolate", "cut-off"};
constexpr std::array<std::string_view, 11> kProtoWords{"tcp", "udp", "icmp", "icmpv6", "igmp", "sctp",
                                                       "gre", "esp", "ah",   "ospf",   "vrrp"};
constexpr std::array<std::string_view, 4> kCriticalities{"none", "care-support", "care-critical", "life-critical"};

Json peer() {
  return one_of({name(), object({{"same", words({"ward"})}}), object({{"multicast", list_of(text(64), 1)}})});
}

Json peers() {
  return one_of({peer(), list_of(peer(), 1)});
}

Json facts() {
  Json schema{{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}};
  for (const auto& fact : facts::kFacts)
    schema["properties"][std::string(fact.name)] = described(one_of({text(128), list_of(text(128), 1)}), fact.help);
  return schema;
}

Json evidence() {
  Json known{{"enum", Json::array()}};
  for (const auto& each : attributes()) known["enum"].push_back(each.name);
  return one_of({object({{"attribute", known, true}, {"matches", text(256), true}, {"weight", number(1, 100), true}}),
                 object({{"speaks", name(), true},
                         {"as", words({"client", "server"}), true},
                         {"with", name()},
                         {"weight", number(1, 100), true}})});
}

Json device_class() {
  return object({{"class", name(), true},
                 {"title", text(128), true},
                 {"purpose", words({"medical", "operational", "none"}), true},
                 {"criticality", words(kCriticalities), true},
                 {"mode", words({"inherit", "monitor"})},
                 {"requires", list_of(words({"register"}))},
                 {"identify", object({{"threshold", number(1, 1000), true}, {"evidence", list_of(evidence()), true}})},
                 {"rules", list_of(rule({})), true},
                 {"inspect", depth()},
                 {"detections", detections()},
                 {"on_violation",
                  object({{"action", words({"drop", "reject", "alert"}), true},
                          {"quarantine", object({{"counts", words({"violations", "detections"}), true},
                                                 {"after", number(1, 200), true},
                                                 {"within", duration(), true}})}}),
                  true},
                 {"quarantine",
                  object({{"profile", words(std::span(kProfiles).subspan(1)), true},
                          {"approval", words({"none", "required"}), true}}),
                  true}});
}

Json segment() {
  const Json tags = one_of({words({"untagged"}), number(0, 4094),
                            Json{{"type", "array"}, {"items", number(0, 4094)}, {"minItems", 2}, {"maxItems", 2}}});
  const auto mode = words({"monitor", "enforce"});
  return object(
      {{"name", name(), true},
       {"vlan", tags, true},
       {"core_vlan", tags},
       {"bundle", name()},
       {"ward", text(64)},
       {"expects", list_of(name()), true},
       {"mode", mode},
       {"unidentified", mode},
       {"identify_by", words({"mac", "ip"})},
       {"asymmetric", boolean()},
       {"inbound_group", words(kActions)},
       {"signed_off", object({{"by", text(128), true}, {"date", date(), true}, {"coverage", duration(), true}})},
       {"bypass", words({"none", "nic", "external-switch", "second-path"})}});
}

// A map in which each of these keys must stand.
Json all_of(std::span<const std::string_view> keys, const Json& value) {
  Json schema{{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}};
  for (const auto key : keys) {
    schema["properties"][std::string(key)] = value;
    schema["required"].push_back(key);
  }
  return schema;
}

Json on_failure() {
  std::vector<std::string_view> rows;
  for (const auto& row : kReasons)
    if (row.failure) rows.push_back(row.name);
  return all_of(rows, words(kActions));
}

Json site() {
  static constexpr std::array<std::string_view, 6> kTimeouts{
      "tcp_opening", "tcp_established", "tcp_closing", "udp_one_way", "udp", "other"};
  static constexpr std::array<std::string_view, 3> kBudgets{"site", "class", "segment"};
  const auto budget = object({{"per_hour", number(0, 100'000), true}});
  const auto groups = map_of(list_of(text(64)));
  Json ethertypes{{"type", "object"},
                  {"propertyNames", {{"pattern", "^0x[0-9a-fA-F]{4}$"}}},
                  {"additionalProperties", words(kActions)}};
  return object({{"site", name(), true},
                 {"mode", words({"monitor", "enforce"}), true},
                 {"roles", groups, true},
                 {"zones", groups},
                 {"infrastructure", list_of(rule({{"living", boolean()}})), true},
                 {"ethertypes", ethertypes},
                 {"budgets", object({{"quarantine", all_of(kBudgets, budget), true}})},
                 {"exceptions", object({{"longest", duration(), true}})},
                 {"former_class_grace", duration()},
                 {"rejects_per_second", number(0, 10'000)},
                 {"inspect", object({{"depth", depth()}, {"classify_only", list_of(name())}})},
                 {"detections", detections()},
                 {"segments", list_of(segment(), 1), true},
                 {"on_failure", on_failure(), true},
                 {"undecided",
                  object({{"flow_bytes", number(256, 1 << 20), true},
                          {"flow_packets", number(1, 1024), true},
                          {"device_bytes", number(256, 1 << 30), true},
                          {"device_window", duration(), true}}),
                  true},
                 {"undecided_limit", all_of(kCriticalities, words(kActions)), true},
                 {"timeouts", all_of(kTimeouts, duration()), true}});
}

Json devices() {
  const auto entry = object({{"id", matching("^[a-z0-9][a-z0-9._-]{0,38}$"), true},
                             {"class", name()},
                             {"macs", list_of(matching("^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$"))},
                             {"serial", text(128)},
                             {"dhcp_client_id", text(128)},
                             {"title", text(128)},
                             {"owner", text(128)},
                             {"vendor", text(128)},
                             {"model", text(128)},
                             {"switch", text(128)},
                             {"port", text(128)},
                             {"ward", text(128)},
                             {"segment", name()},
                             {"mode", words({"inherit", "monitor"})},
                             {"loaner", object({{"from", text(128), true}, {"until", date(), true}})},
                             {"behind", map_of(name())},
                             {"exceptions", list_of(rule({{"reason", text(), true}, {"until", date(), true}}))}});
  return object({{"devices", list_of(with_one(entry, "anyOf", {"macs", "serial", "dhcp_client_id"})), true}});
}

Json tests() {
  const auto test = object({{"name", text(128), true},
                            {"class", name(), true},
                            {"segment", name()},
                            {"opens_to", text(64)},
                            {"accepts_from", text(64)},
                            {"app", text(64), true},
                            {"proto", words(kProtoWords)},
                            {"port", number(1, 65535)},
                            {"quarantine", words(kProfiles)},
                            {"expect", words({"allowed", "blocked", "alerted"}), true}});
  return object({{"tests", list_of(with_one(test, "oneOf", {"opens_to", "accepts_from"})), true}});
}

Json fingerprints() {
  Json asked{{"type", "object"}, {"additionalProperties", text(256)}, {"minProperties", 1}};
  Json told{{"type", "object"}, {"additionalProperties", text(128)}, {"minProperties", 1}};
  const auto examples = object({{"match", list_of(asked, 1), true}, {"no_match", list_of(asked)}});
  const auto entry =
      object({{"id", name(), true},
              {"title", text(128), true},
              {"when", described(asked, "attribute: a pattern in RE2's syntax; all must be found"), true},
              {"sets", described(told, "maker, product, kind, os, firmware, software, serial"), true},
              {"source", text(), true},
              {"examples", examples, true}});
  return object({{"fingerprints", list_of(entry), true}});
}

}  // namespace

Json rule(std::initializer_list<Key> more) {
  const auto port = one_of({number(1, 65535), matching("^[1-9][0-9]{0,4}-[1-9][0-9]{0,4}$")});
  const auto may_cut = object({{"signature", name(), true}, {"approved_by", list_of(text(128), 2), true}});
  auto schema = object({{"name", text(128), true},
                        {"opens_to", peers()},
                        {"accepts_from", peers()},
                        {"app", list_of(name(), 1), true},
                        {"proto", words(kProtoWords)},
                        {"port", list_of(port, 1)},
                        {"essential", boolean()},
                        {"gate", words({"closed", "open"})},
                        {"when", facts()},
                        {"source", text()},
                        {"may_cut_essential", list_of(may_cut)}});
  for (const auto& key : more) {
    schema["properties"][std::string(key.name)] = key.schema;
    if (key.required) schema["required"].push_back(key.name);
  }
  return with_one(std::move(schema), "oneOf", {"opens_to", "accepts_from"});
}

}  // namespace schema

std::optional<std::string> schema_of(std::string_view word) {
  using Make = schema::Json (*)();
  static constexpr std::array<Make, kSchemaWords.size()> kMakers{&schema::signature_file, &schema::device_class,
                                                                 &schema::site,           &schema::devices,
                                                                 &schema::fingerprints,   &schema::tests};
  const auto found = std::ranges::find(kSchemaWords, word);
  if (found == kSchemaWords.end()) return std::nullopt;
  schema::Json whole{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                     {"title", "Wardline policy: " + std::string(word)}};
  whole.update(kMakers[static_cast<std::size_t>(found - kSchemaWords.begin())]());
  return whole.dump(2);
}

}  // namespace wardline::policy
