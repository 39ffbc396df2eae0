// Rules against the roles, zones, classes and applications they name.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "controlplane/policy/check.h"
#include "controlplane/policy/values.h"

namespace wardline::policy {

std::vector<std::string> names_of(const std::vector<AddressGroup>& groups) {
  std::vector<std::string> names;
  for (const auto& group : groups) names.push_back(group.name);
  return names;
}

std::vector<std::string> app_names_of(const SignatureSet& signatures) {
  std::vector<std::string> names = signatures.app_names;
  std::erase(names, "unknown");  // number 0, and those of names that only other policies use
  names.emplace_back("unclassified");
  return names;
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

void CheckContext::unknown(std::string_view kind, const Word& word, const std::vector<std::string>& known) const {
  constexpr std::size_t kShown = 40;
  const auto near = nearest(word.text, known);
  const std::vector<std::string> shown(known.begin(),
                                       known.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, known.size())));
  error(word.at, fmt::format("policy.unknown-{}", kind.substr(0, kind.find(' '))),
        fmt::format("the {} '{}' is not known; {}", kind, word.text,
                    !near.empty()   ? fmt::format("did you mean '{}'?", near)
                    : known.empty() ? "there is none"
                                    : fmt::format("known are: {}", fmt::join(shown, ", "))));
}

namespace {

bool uses(const SignatureSet& signatures, const std::string& app, std::string_view proto) {
  const auto id = signatures.app(app);
  if (!id) return false;
  const std::string spaced = " " + signatures.app_protos[*id] + " ";
  return spaced.find(fmt::format(" {} ", proto)) != std::string::npos;
}

void check_peers(const CheckContext& context, const RuleDraft& rule) {
  for (const auto& peer : rule.peers) {
    using enum PeerDraft::Kind;
    if (rule.opens == enforce::Opens::kPeer && (peer.kind == kBroadcast || peer.kind == kMulticast))
      context.error(peer.at, "policy.peer",
                    fmt::format("'{}' is a target, it opens nothing: 'opens_to' may name it", peer.shown));
    if (peer.kind != kNamed || !context.site_known) continue;
    const auto& site = context.draft.site;
    auto known = names_of(site.roles);
    for (auto& name : names_of(site.zones)) known.push_back(std::move(name));
    known.insert(known.end(), context.class_names.begin(), context.class_names.end());
    if (!holds(known, peer.name)) context.unknown("role, zone or class", {peer.name, peer.at}, known);
  }
}

void check_apps(const CheckContext& context, const RuleDraft& rule) {
  if (rule.unclassified && rule.proto == 0)
    context.error(rule.app_at, "policy.proto",
                  "'unclassified' says nothing of the protocol: add 'proto: tcp' or 'proto: udp'");
  if (!context.apps_known) return;
  for (const auto& app : rule.apps) {
    if (!holds(context.signatures.app_names, app.text) || app.text == "unknown")
      context.unknown("application", app, app_names_of(context.signatures));
    else if (rule.proto != 0 && !uses(context.signatures, app.text, proto_name(rule.proto)))
      context.error(
          app.at, "policy.proto",
          fmt::format("{} runs over {}, not over {}", app.text,
                      context.signatures.app_protos[*context.signatures.app(app.text)], proto_name(rule.proto)));
  }
  for (const auto& signature : rule.may_cut) {
    std::vector<std::string> ids;
    for (const auto& text : context.signatures.texts) ids.push_back(text.id);
    if (!holds(ids, signature.text)) context.unknown("signature", signature, ids);
    context.warn(signature.at, "policy.may-cut", "noted, but this version never cuts an essential flow: it alerts");
  }
}

void check_ports(const CheckContext& context, const RuleDraft& rule) {
  const bool portless_apps = !rule.apps.empty() && std::ranges::all_of(rule.apps, [&](const Word& app) {
    return !uses(context.signatures, app.text, "tcp") && !uses(context.signatures, app.text, "udp") &&
           context.signatures.app(app.text);
  });
  if (!rule.ports.empty() && ((rule.proto != 0 && !has_ports(rule.proto)) || portless_apps))
    context.error(rule.port_at, "policy.port-range", "this protocol has no ports: leave 'port' out");
}

void check_list(const CheckContext& context, const std::vector<RuleDraft>& rules) {
  std::set<std::string> names;
  for (const auto& rule : rules) {
    if (!rule.name.empty() && !names.insert(rule.name).second)
      context.error(rule.at, "policy.double-rule",
                    fmt::format("a second rule named '{}': records could not tell them apart", rule.name));
    check_peers(context, rule);
    check_apps(context, rule);
    check_when(context, rule);
    check_ports(context, rule);
  }
}

}  // namespace

void check_rules(const CheckContext& context) {
  check_list(context, context.draft.site.infrastructure);
  for (const auto& each : context.draft.classes) check_list(context, each.rules);
  for (const auto& exception : context.draft.devices.exceptions) check_list(context, {exception.rule});
}

}  // namespace wardline::policy
