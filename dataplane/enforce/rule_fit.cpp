#include <algorithm>

#include "dataplane/enforce/decide.h"
#include "dataplane/enforce/fact_fit.h"

namespace wardline::enforce {
namespace {

template <typename T>
bool holds(std::span<const T> values, T value) {
  return std::ranges::find(values, value) != values.end();
}

bool fits_opener(const Rule& rule, const FlowFacts& facts) {
  const auto opens = rule.opens == Opens::kDevice ? flow::OpenedBy::kDevice : flow::OpenedBy::kPeer;
  return facts.opened_by == opens;
}

// The port of the side that accepts: the peer's where the device opens.
bool fits_port(const Snapshot& policy, const Rule& rule, const FlowFacts& facts) {
  if (rule.ports.count == 0) return true;
  const auto port = rule.opens == Opens::kDevice ? facts.peer_port : facts.device_port;
  return std::ranges::any_of(Snapshot::of(policy.port_ranges, rule.ports),
                             [port](const PortRange& range) { return range.low <= port && port <= range.high; });
}

bool fits_peer(const Snapshot& policy, const PeerMatch& peer, const FlowFacts& facts) {
  if (peer.any) return true;
  if (peer.broadcast && facts.peer_broadcast) return true;
  if (peer.address_sets.count != 0 && facts.peer_sets != 0 &&
      std::ranges::any_of(Snapshot::of(policy.set_ids, peer.address_sets),
                          [&](std::uint16_t set) { return policy.addresses.contains(facts.peer_sets, set); }))
    return true;
  if (!facts.peer_is_device) return false;
  if (peer.same_ward && facts.peer_ward != 0 && facts.peer_ward == policy.segments[facts.segment].ward) return true;
  return peer.classes.count != 0 &&
         holds<ClassId>(Snapshot::of(policy.class_ids, peer.classes), facts.peer_device.device_class);
}

// A narrow application is a kind of what carries it, so that a new signature takes no flow out of a rule that allows
// the wide one.
bool names_app(const Snapshot& policy, const Rule& rule, AppId app) {
  const auto apps = Snapshot::of(policy.app_ids, rule.apps);
  if (holds(apps, app)) return true;
  if (app >= policy.apps.size()) return false;
  return std::ranges::any_of(policy.apps[app].carriers,
                             [&](AppId carrier) { return carrier != kNoApp && holds(apps, carrier); });
}

Fit fit_app(const Snapshot& policy, const Rule& rule, const FlowFacts& facts) {
  switch (facts.app_state) {
    case AppState::kUnknown:
      return Fit::kUnproved;
    case AppState::kMidstream:  // cannot be proved any more: the rule's application is taken on trust
    case AppState::kPortOnly:
      return Fit::kYes;
    case AppState::kOpaque:
      return rule.unclassified ? Fit::kYes : Fit::kOtherApp;
    case AppState::kProved:
      break;
  }
  // What is an application by its protocol number has no payload of its own: `unclassified` with that protocol fits,
  // too.
  const bool by_number = facts.app != kNoApp && policy.apps_by_proto[facts.proto] == facts.app;
  const bool fits = names_app(policy, rule, facts.app) || (by_number && rule.unclassified);
  return fits ? Fit::kYes : Fit::kOtherApp;
}

}  // namespace

bool names_peer(const Snapshot& policy, const Rule& rule, const FlowFacts& facts) {
  return fits_peer(policy, rule.peer, facts);
}

Fit fit(const Snapshot& policy, const Rule& rule, const FlowFacts& facts) {
  if (rule.gate_closed || !fits_opener(rule, facts)) return Fit::kNo;
  if (rule.proto != 0 && rule.proto != facts.proto) return Fit::kNo;
  if (!fits_port(policy, rule, facts) || !fits_peer(policy, rule.peer, facts)) return Fit::kNo;
  const Fit app = fit_app(policy, rule, facts);
  return app == Fit::kYes ? fit_facts(policy, rule, facts) : app;
}

}  // namespace wardline::enforce
