// One rule, wherever it stands: a class's, the site's infrastructure, a device's exception.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "controlplane/policy/values.h"

namespace wardline::policy {
namespace {

std::optional<PeerDraft> read_groups(const YamlValue& value) {
  PeerDraft peer{.kind = PeerDraft::Kind::kMulticast, .shown = "multicast", .at = value.at()};
  const auto list = value.as_list();
  if (!list) return std::nullopt;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto item = (*list)[i];
    const auto range = read_range(item);
    if (!range) continue;
    if (!range->low.multicast() || !range->high.multicast())
      item.error("policy.multicast", fmt::format("'{}' is no multicast group (224.0.0.0/4, ff00::/8)", item.raw()));
    peer.groups.push_back(*range);
    peer.shown += (i == 0 ? " " : ", ") + item.raw();
  }
  if (list->size() == 0) value.error("policy.multicast", "expected at least one group");
  return peer;
}

std::optional<PeerDraft> read_special_peer(const YamlValue& value) {
  auto map = *value.as_map();
  const auto same = map.get("same"), multicast = map.get("multicast");
  map.finish();
  if (same && multicast) return value.error("policy.peer", "expected either 'same' or 'multicast'"), std::nullopt;
  if (multicast) return read_groups(multicast);
  if (!same) return value.error("policy.peer", "expected 'same: ward' or 'multicast: [groups]'"), std::nullopt;
  if (!same.as_word({"ward"})) return std::nullopt;
  return PeerDraft{.kind = PeerDraft::Kind::kSameWard, .shown = "devices of the same ward", .at = value.at()};
}

std::optional<PeerDraft> read_peer(const YamlValue& value) {
  if (value.is_map()) return read_special_peer(value);
  const auto name = value.as_name();
  if (!name) return std::nullopt;
  PeerDraft peer{.shown = *name, .at = value.at(), .name = *name};
  if (*name == "any") peer.kind = PeerDraft::Kind::kAny, peer.shown = "anyone";
  if (*name == "broadcast") peer.kind = PeerDraft::Kind::kBroadcast;
  return peer;
}

std::optional<enforce::PortRange> read_port(const YamlValue& value) {
  static constexpr std::string_view kPort = "port";
  const std::string raw = value.raw();
  const auto dash = raw.find('-', 1);
  if (dash == std::string::npos) {
    const auto port = value.as_number(1, 65535, kPort);
    if (!port) return std::nullopt;
    return enforce::PortRange{static_cast<std::uint16_t>(*port), static_cast<std::uint16_t>(*port)};
  }
  std::uint32_t low = 0, high = 0;
  const char* begin = raw.data();
  const char* end = begin + raw.size();
  const auto first = std::from_chars(begin, begin + dash, low);
  const auto second = std::from_chars(begin + dash + 1, end, high);
  const bool read =
      first.ptr == begin + dash && second.ec == std::errc{} && second.ptr == end && first.ec == std::errc{};
  if (read && low >= 1 && low <= high && high <= 65535 && raw[0] != '0' && raw[dash + 1] != '0')
    return enforce::PortRange{static_cast<std::uint16_t>(low), static_cast<std::uint16_t>(high)};
  value.error("policy.port-range",
              fmt::format("'{}' is no range of ports; expected LOW-HIGH between 1 and 65535, such as 8000-8010", raw));
  return std::nullopt;
}

void read_ports(const YamlValue& value, RuleDraft& rule) {
  if (!value) return;
  rule.port_at = value.at();
  const auto list = value.as_list();
  if (!list) return;
  for (std::size_t i = 0; i < list->size(); ++i)
    if (const auto port = read_port((*list)[i])) rule.ports.push_back(*port);
  if (list->size() == 0) value.error("policy.port-range", "expected at least one port; leave the key out for any port");
}

void read_apps(const YamlValue& value, RuleDraft& rule) {
  if (!value) return;
  rule.app_at = value.at();
  for (auto& word : read_names(value)) {
    if (word.text == "unclassified")
      rule.unclassified = true;
    else
      rule.apps.push_back(std::move(word));
  }
  if (const auto list = value.is_list() ? value.as_list() : std::nullopt; list && list->size() == 0)
    value.error("policy.app", "expected at least one application, or [unclassified]");
}

void read_proto(const YamlValue& value, RuleDraft& rule) {
  if (!value) return;
  const auto word = value.as_name();
  if (!word) return;
  if (const auto proto = parse_proto(*word))
    rule.proto = *proto;
  else
    value.error("policy.proto", fmt::format("'{}' is no protocol known here; expected tcp, udp, icmp, icmpv6, igmp, "
                                            "sctp, gre, esp, ah, ospf or vrrp",
                                            *word));
}

// An essential flow is cut by no detection, unless two people put their names to one signature.
void read_may_cut(const YamlValue& value, RuleDraft& rule) {
  if (!value) return;
  const auto list = value.as_list();
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    const auto item = (*list)[i];
    auto map = item.as_map();
    if (!map) continue;
    const auto signature_value = map->require("signature");
    const auto signature = signature_value.as_name();
    const auto people = map->require("approved_by");
    map->finish();
    std::vector<std::string> names;
    if (const auto who = people ? people.as_list() : std::nullopt)
      for (std::size_t k = 0; k < who->size(); ++k)
        if (auto name = (*who)[k].as_text(128); name && !name->empty()) names.push_back(*name);
    std::sort(names.begin(), names.end());
    if (std::unique(names.begin(), names.end()) - names.begin() < 2)
      (people ? people : item)
          .error("policy.two-people", "cutting an essential flow needs two different people's names in 'approved_by'");
    if (signature) rule.may_cut.push_back({*signature, signature_value.at()});
  }
  if (!rule.essential)
    value.error("policy.may-cut", "'may_cut_essential' stands only in a rule that is 'essential: true'");
}

void check_forms(const RuleDraft& rule, const YamlValue& essential) {
  if (!rule.essential) return;
  for (const auto& peer : rule.peers)
    if (peer.kind == PeerDraft::Kind::kAny)
      essential.error("policy.essential", "an essential flow is never cut, so its peer can't be 'any': name the role");
  if (rule.gate_closed) essential.error("policy.essential", "an essential flow can't wait for a gate: take 'gate' out");
}

}  // namespace

void read_peers(YamlMap& map, RuleDraft& rule) {
  const auto to = map.get("opens_to"), from = map.get("accepts_from");
  const auto value = to ? to : from;
  if (to && from) from.error("policy.peer", "expected either 'opens_to' or 'accepts_from'; write two rules for both");
  if (!value) {
    map.require("opens_to");
    return;
  }
  rule.opens = to ? enforce::Opens::kDevice : enforce::Opens::kPeer;
  if (!value.is_list()) {
    if (auto peer = read_peer(value)) rule.peers.push_back(std::move(*peer));
    return;
  }
  const auto list = *value.as_list();
  for (std::size_t i = 0; i < list.size(); ++i)
    if (auto peer = read_peer(list[i])) rule.peers.push_back(std::move(*peer));
  if (list.size() == 0) value.error("policy.peer", "expected at least one peer");
}

RuleDraft read_rule(YamlMap& map) {
  RuleDraft rule;
  rule.at = map.at();
  rule.name = map.require("name").as_text(128).value_or("");
  rule.source = map.get("source").as_text().value_or("");
  read_peers(map, rule);
  read_apps(map.require("app"), rule);
  read_proto(map.get("proto"), rule);
  read_ports(map.get("port"), rule);
  const auto essential = map.get("essential");
  rule.essential = essential.as_bool().value_or(false);
  if (const auto gate = map.get("gate").as_word({"closed", "open"})) rule.gate_closed = *gate == 0;
  rule.when = read_when(map.get("when"));
  if (const auto messages = map.get("messages"))
    messages.error("policy.messages", "the key 'messages' is gone: write 'when: {modbus.access: [read]}' for it");
  read_may_cut(map.get("may_cut_essential"), rule);
  check_forms(rule, essential);
  return rule;
}

}  // namespace wardline::policy
