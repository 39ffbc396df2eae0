#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/policy/draft.h"

// Values that several files share. All report to the value's document and give nullopt or nothing when refused.
namespace wardline::policy {

std::optional<Address> parse_address(const std::string& text);
std::optional<Mac> parse_mac(const std::string& text);  // xx:xx:xx:xx:xx:xx or with -
std::optional<std::uint8_t> parse_proto(const std::string& word);
std::string proto_name(std::uint8_t proto);
bool has_ports(std::uint8_t proto);

std::optional<AddressRange> read_range(const YamlValue& value);  // an address or a CIDR without host bits
std::optional<Mac> read_mac(const YamlValue& value);
std::optional<std::chrono::sys_days> read_date(const YamlValue& value);  // "2026-10-02", quoted
std::optional<enforce::FailureAction> read_action(const YamlValue& value);
std::optional<std::uint32_t> read_seconds(const YamlValue& value, std::uint32_t low, std::uint32_t high);
std::vector<Word> read_names(const YamlValue& list);

// A name given to something new: not one of the words that rules use for peers.
std::optional<std::string> read_new_name(const YamlValue& value);
bool reserved_name(const std::string& name);

// `detections:` of a site or a class, in order.
std::vector<DetectionDraft> read_detections(const YamlValue& value);
// `64KiB`, `all` or `none`: how deep threats are looked for.
std::optional<std::uint32_t> read_depth(const YamlValue& value);

// Keys that every rule has; `finish` is the caller's, which may ask for more keys of the same map.
RuleDraft read_rule(YamlMap& map);
// The map `when:` of a rule; nothing where `value` is absent.
std::vector<WhenDraft> read_when(const YamlValue& value);
// `opens_to` or `accepts_from`, exactly one.
void read_peers(YamlMap& map, RuleDraft& rule);

}  // namespace wardline::policy
