#include "controlplane/policy/rule_builder.h"

#include <algorithm>

#include <fmt/format.h>

#include "controlplane/policy/values.h"

namespace wardline::policy {
namespace {

template <typename T>
enforce::Range append(std::vector<T>& pool, const std::vector<T>& values) {
  const enforce::Range range{static_cast<std::uint32_t>(pool.size()), static_cast<std::uint32_t>(values.size())};
  pool.insert(pool.end(), values.begin(), values.end());
  return range;
}

std::string ports_shown(const std::vector<enforce::PortRange>& ports) {
  std::string shown;
  for (const auto& port : ports) {
    shown += shown.empty() ? " " : ", ";
    shown += port.low == port.high ? fmt::format("{}", port.low) : fmt::format("{}-{}", port.low, port.high);
  }
  return shown;
}

// "when tls.sni is *.maker.example", as a sentence goes on.
std::string condition_of(const RuleDraft& rule) {
  std::string shown;
  for (const auto& when : rule.when) {
    std::vector<std::string> values;
    for (const auto& value : when.values) values.push_back(value.text);
    shown += fmt::format("{} {} is {}", shown.empty() ? ", when" : " and", when.fact.text, fmt::join(values, " or "));
  }
  return shown;
}

// "may open tls to pump-servers on tcp 443, 8443", as `explain` puts it after the device's name.
std::string sentence_of(const RuleDraft& rule, std::uint8_t proto, const std::vector<std::string>& apps) {
  std::vector<std::string> peers;
  for (const auto& peer : rule.peers) peers.push_back(peer.shown);
  return fmt::format("may {} {} {} {} on {}{}{}{}", rule.opens == enforce::Opens::kDevice ? "open" : "accept",
                     fmt::join(apps, " or "), rule.opens == enforce::Opens::kDevice ? "to" : "from",
                     fmt::join(peers, " or "), proto_name(proto), ports_shown(rule.ports), condition_of(rule),
                     rule.gate_closed ? ", while its gate is open" : "");
}

// What a device lives on: quarantine keeps it even where a rule does not say so.
bool living_by_name(const RuleDraft& rule) {
  const auto living = [](const Word& app) { return app.text == "dhcp" || app.text == "dns" || app.text == "ntp"; };
  return !rule.unclassified && std::ranges::all_of(rule.apps, living);
}

}  // namespace

RuleBuilder::RuleBuilder(const PolicyDraft& draft, const std::map<std::string, ClassId>& classes, Policy& policy)
    : classes_(classes), policy_(policy), snapshot_(policy.plain) {
  for (const auto& role : draft.site.roles) add_group(role, policy_.roles);
  for (const auto& zone : draft.site.zones) add_group(zone, policy_.zones);
  if (const auto quarantine = sets_.find("quarantine");
      quarantine != sets_.end() && policy_.zones.contains("quarantine"))
    snapshot_.quarantine_zone_set = quarantine->second;
  if (const auto servers = sets_.find("dhcp-servers"); servers != sets_.end() && policy_.roles.contains("dhcp-servers"))
    snapshot_.dhcp_server_set = servers->second;
}

void RuleBuilder::add_group(const AddressGroup& group, std::map<std::string, std::vector<AddressRange>>& shown) {
  sets_[group.name] = add_set(group.ranges);
  shown[group.name] = group.ranges;
}

std::uint16_t RuleBuilder::add_set(const std::vector<AddressRange>& ranges) {
  for (const auto& range : ranges) entries_.push_back({range.low, range.high, set_count_});
  return set_count_++;
}

enforce::Range RuleBuilder::add_classes(const std::vector<Word>& names) {
  std::vector<ClassId> ids;
  for (const auto& name : names) ids.push_back(classes_.at(name.text));
  return append(snapshot_.class_ids, ids);
}

enforce::PeerMatch RuleBuilder::peer_of(const RuleDraft& rule) {
  enforce::PeerMatch match;
  std::vector<std::uint16_t> sets;
  std::vector<ClassId> ids;
  for (const auto& peer : rule.peers) {
    switch (peer.kind) {
      case PeerDraft::Kind::kAny:
        match.any = true;
        break;
      case PeerDraft::Kind::kBroadcast:
        match.broadcast = true;
        break;
      case PeerDraft::Kind::kSameWard:
        match.same_ward = true;
        break;
      case PeerDraft::Kind::kMulticast:
        sets.push_back(add_set(peer.groups));
        break;
      case PeerDraft::Kind::kNamed:
        if (const auto set = sets_.find(peer.name); set != sets_.end())
          sets.push_back(set->second);
        else
          ids.push_back(classes_.at(peer.name));
    }
  }
  match.address_sets = append(snapshot_.set_ids, sets);
  match.classes = append(snapshot_.class_ids, ids);
  return match;
}

std::map<std::uint8_t, std::vector<AppId>> RuleBuilder::protocols_of(const RuleDraft& rule) const {
  std::map<std::uint8_t, std::vector<AppId>> apps;
  if (rule.unclassified) apps[rule.proto];
  for (const auto& word : rule.apps) {
    const AppId app = *policy_.signatures.app(word.text);
    const std::string& names = policy_.signatures.app_protos[app];
    for (std::size_t at = 0; at < names.size();) {
      const auto end = std::min(names.find(' ', at), names.size());
      const auto proto = parse_proto(names.substr(at, end - at));
      if (proto && (rule.proto == 0 || rule.proto == *proto)) apps[*proto].push_back(app);
      at = end + 1;
    }
  }
  return apps;
}

void RuleBuilder::add_one(const RuleDraft& draft, const std::string& owner, bool living, const enforce::Rule& rule) {
  std::vector<std::string> names;
  for (const AppId app : enforce::Snapshot::of(snapshot_.app_ids, rule.apps))
    names.push_back(policy_.signatures.app_names[app]);
  if (rule.unclassified) names.emplace_back("unclassified traffic");
  snapshot_.rules.push_back(rule);
  snapshot_.rules.back().id = static_cast<RuleId>(policy_.rules.size());
  snapshot_.rules.back().living = living;
  policy_.rules.push_back(
      {owner, draft.name, sentence_of(draft, rule.proto, names), draft.source, draft.essential, draft.at});
}

enforce::Range RuleBuilder::add(const std::vector<const RuleDraft*>& rules, const std::string& owner,
                                bool infrastructure) {
  const auto first = static_cast<std::uint32_t>(snapshot_.rules.size());
  for (const RuleDraft* draft : rules) {
    enforce::Rule rule;
    rule.opens = draft->opens;
    rule.peer = peer_of(*draft);
    rule.essential = draft->essential;
    rule.gate_closed = draft->gate_closed;
    rule.ports = append(snapshot_.port_ranges, draft->ports);
    rule.fact_tests = append(snapshot_.fact_tests, tests_of(*draft));
    const bool living = infrastructure && draft->living.value_or(living_by_name(*draft));
    for (const auto& [proto, apps] : protocols_of(*draft)) {
      if (!draft->ports.empty() && !has_ports(proto)) continue;  // ICMP beside others in a rule that names ports
      rule.proto = proto;
      rule.apps = append(snapshot_.app_ids, apps);
      rule.unclassified = draft->unclassified && proto == draft->proto;
      ask_apps(rule);
      add_one(*draft, owner, living, rule);
    }
  }
  return {first, static_cast<std::uint32_t>(snapshot_.rules.size()) - first};
}

std::vector<enforce::FactTest> RuleBuilder::tests_of(const RuleDraft& rule) {
  std::vector<enforce::FactTest> tests;
  for (const auto& when : rule.when) {
    const auto known = std::ranges::find(facts::kFacts, when.fact.text, &facts::FactText::name);
    enforce::FactTest test{.fact = known->fact, .texts = {}};
    for (const auto& value : when.values) test.texts.push_back(value.text);
    tests.push_back(std::move(test));
  }
  return tests;
}

// Workers read only what some rule asks for.
void RuleBuilder::ask_apps(const enforce::Rule& rule) {
  for (const auto& test : enforce::Snapshot::of(snapshot_.fact_tests, rule.fact_tests))
    for (const AppId app : enforce::Snapshot::of(snapshot_.app_ids, rule.apps))
      policy_.signatures.app_traits[app].asked |= facts::bit(test.fact);
}

void RuleBuilder::finish() {
  snapshot_.addresses = enforce::AddressSets(entries_, set_count_);
}

}  // namespace wardline::policy
