#include "controlplane/records/explanation.h"

#include <fmt/format.h>

#include <algorithm>

namespace wardline::records {

namespace {

bool identified(const Facts& facts) {
  return !facts.head.device_class.empty() && facts.head.device_class != "unidentified";
}

enum class Where { kStart, kMiddle };  // of a sentence

std::string subject(const Facts& facts, Where where) {
  if (facts.several.devices) return fmt::format("{}everal unidentified devices", where == Where::kStart ? 'S' : 's');
  if (!identified(facts))
    return fmt::format("{}he unidentified device {}", where == Where::kStart ? 'T' : 't', facts.device_name);
  const auto& title = facts.class_title.empty() ? facts.head.device_class : facts.class_title;
  return fmt::format("{} {} (class {})", title, facts.device_name, facts.head.device_class);
}

// Before the first payload there is nothing to recognise: a scan's connections have none at all.
std::string payload(const Facts& facts) {
  if (facts.app.empty()) {
    if (facts.app_state == enforce::AppState::kOpaque) return "traffic that no signature knows";
    if (facts.app_state == enforce::AppState::kUnknown) return facts.proto == "tcp" ? "a connection" : "traffic";
    return "unrecognised traffic";
  }
  switch (facts.app_state) {
    case enforce::AppState::kPortOnly:
      return facts.app + " (told by the port alone)";
    case enforce::AppState::kMidstream:
      return facts.app + " (picked up in the middle)";
    default:
      return facts.app;
  }
}

std::string peer(const Facts& facts) {
  if (facts.several.peers) return "several peers";
  if (facts.peer_roles.empty()) return facts.peer_ip;
  return fmt::format("{} (role{} {})", facts.peer_ip, facts.peer_roles.find(',') == std::string::npos ? "" : "s",
                     facts.peer_roles);
}

std::string service(const Facts& facts) {
  if (facts.several.ports) return fmt::format("several ports of {}", facts.proto);
  return facts.has_ports ? fmt::format("{} {}", facts.proto, facts.server_port()) : facts.proto;
}

std::string at_place(const std::string& rule_at) {
  return rule_at.empty() ? "" : fmt::format(" ({})", rule_at);
}

std::string named_rule(const Facts& facts) {
  return fmt::format("rule \"{}\"{}", facts.rule, at_place(facts.rule_at));
}

std::string why_no_rule(const Facts& facts) {
  if (facts.names_lost) return "The policy it was decided under is no longer kept, so its rules cannot be named.";
  if (!identified(facts)) {
    if (facts.expected_classes.empty())
      return fmt::format(
          "The device is not identified yet, and segment {} expects no class whose rules it could borrow; "
          "default is deny.",
          facts.head.segment);
    return fmt::format(
        "The device is not identified yet, and no class that segment {} expects ({}) allows it; default is "
        "deny.",
        facts.head.segment, facts.expected_classes);
  }
  return fmt::format("No rule of class {} allows it{}; default is deny.", facts.head.device_class,
                     at_place(facts.class_file));
}

std::string why_mismatch(const Facts& facts) {
  if (facts.rule.empty())
    return fmt::format("A rule fits the peer and the port, but the payload is {}, which it does not allow.",
                       payload(facts));
  return fmt::format(
      "The peer and the port fit {}, which says: {}. The payload is {}, and an application on another "
      "application's port is what it is.",
      named_rule(facts), facts.rule_sentence, payload(facts));
}

// What the payload says comes from the wire: printable, and cut short.
std::string what_was_found(const Facts& facts) {
  if (facts.fact.empty()) return "What the payload says does not meet its condition.";
  if (facts.found.empty()) return fmt::format("The payload says something else for {}, or nothing.", facts.fact);
  return fmt::format("The payload says {} \"{}\", which the rule does not list.", facts.fact, facts.found);
}

std::string why_condition(const Facts& facts) {
  if (facts.rule.empty()) return "A rule fits. " + what_was_found(facts);
  return fmt::format("It fits {}, which says: {}. {}", named_rule(facts), facts.rule_sentence, what_was_found(facts));
}

std::string why_detection(const Facts& facts) {
  std::string text = facts.signature.empty() ? "A signature of a threat matched"
                                             : fmt::format("Signature {} matched", facts.signature);
  if (!facts.signature_title.empty()) text += ": " + facts.signature_title;
  if (!facts.severity.empty()) text += fmt::format(" (severity {})", facts.severity);
  if (!facts.note.empty()) text += fmt::format(", told of \"{}\"", facts.note);
  return text + ".";
}

std::string why_failure(const Facts& facts) {
  const auto& row = kReasons[static_cast<std::size_t>(facts.reason)];
  if (facts.reason == Reason::kUnknownEthertype && facts.ethertype_refused)
    return fmt::format("`ethertypes:` of site.yaml lists {} as `drop`.", facts.proto);
  if (!row.failure) return fmt::format("Reason {}: {}.", row.name, row.help);
  return fmt::format("Reason {}: {}; the table on_failure says what then happens.", row.name, row.help);
}

std::string why_allowed(const Facts& facts) {
  using enforce::Step;
  switch (facts.step) {
    case Step::kBreakGlass:
      return "Break-glass is in force: everything passes.";
    case Step::kKeepAlive:
    case Step::kException:
    case Step::kInfrastructure:
    case Step::kClass:
      if (facts.rule.empty()) return "A rule allows it.";
      return fmt::format("Allowed by {}: {}.{}", named_rule(facts), facts.rule_sentence,
                         facts.facts_unknown ? " What its condition asks for was not kept of this flow, so on_failure "
                                               "(midstream) let it pass."
                                             : "");
    case Step::kProbation:
      return fmt::format("The device is not identified yet; a class that segment {} expects may do this{}.",
                         facts.head.segment, facts.rule.empty() ? "" : ", by " + named_rule(facts));
    case Step::kFormerClass:
      return fmt::format("The class the device had until lately may do this{}; the grace for that is not over.",
                         facts.rule.empty() ? "" : ", by " + named_rule(facts));
    case Step::kRelated:
      return fmt::format("It belongs to a flow that is allowed{}.",
                         facts.rule.empty() ? "" : " by " + named_rule(facts));
    case Step::kSegment:
      return fmt::format("Segment {} lets such frames pass.", facts.head.segment);
    case Step::kOnFailure:
      return why_failure(facts);
    default:
      return "Nothing speaks against it.";
  }
}

bool app_known(const Facts& facts) {
  return !facts.app.empty() && facts.app_state != enforce::AppState::kPortOnly;
}

// Nobody saw what it would have spoken: a scan's connection, or one that was blocked at its first packet. To write
// `unclassified` there would allow only payload that no signature knows, which is the opposite of what is meant.
bool app_unseen(const Facts& facts) {
  return !app_known(facts) && facts.has_ports && facts.app_state != enforce::AppState::kOpaque;
}

// The rule that a person would add, in the policy's own words.
std::string missing_rule(const Facts& facts) {
  const auto role = facts.peer_roles.empty() ? "ROLE" : facts.peer_roles.substr(0, facts.peer_roles.find(','));
  std::string text = (facts.opened_by == flow::OpenedBy::kPeer ? "accepts_from: " : "opens_to: ") + role;
  if (app_known(facts))
    text += fmt::format(", app: [{}]", facts.app);
  else
    text += app_unseen(facts) ? ", app: [APPLICATION]" : fmt::format(", app: [unclassified], proto: {}", facts.proto);
  if (facts.has_ports) text += fmt::format(", port: [{}]", facts.server_port());
  return text;
}

// What stands for the words in capitals.
std::string where_words(const Facts& facts) {
  std::string text;
  if (facts.peer_roles.empty()) text = fmt::format("a role of site.yaml holds {}", facts.peer_ip);
  if (app_unseen(facts))
    text += fmt::format("{}APPLICATION is what it speaks (no payload was seen)", text.empty() ? "" : " and ");
  return text.empty() ? "" : ", where " + text;
}

// More flows than can be told one by one.
std::string told_together(const Facts& facts) {
  return facts.flows == 1 ? "" : fmt::format(" {} flows of a few seconds are told in this one record.", facts.flows);
}

}  // namespace

std::string what_happened(const Facts& facts) {
  if (facts.peer_ip.empty() && !facts.several.peers)
    return fmt::format("{} sent or got frames of {}.", subject(facts, Where::kStart), facts.proto);
  const bool blocked = facts.verdict != enforce::Verdict::kAllow;
  if (facts.opened_by == flow::OpenedBy::kPeer)
    return fmt::format("{} {} {} to {} on {}.", peer(facts), blocked ? "tried to open" : "opened", payload(facts),
                       subject(facts, Where::kMiddle), service(facts));
  if (facts.opened_by == flow::OpenedBy::kDevice)
    return fmt::format("{} {} {} to {} on {}{}.", subject(facts, Where::kStart), blocked ? "tried to open" : "opened",
                       payload(facts), peer(facts), service(facts), facts.guessed ? " (who opened it is a guess)" : "");
  return fmt::format("{} exchanged {} with {} on {} (who opened it is not known).", subject(facts, Where::kStart),
                     payload(facts), peer(facts), service(facts));
}

std::string why(const Facts& facts) {
  if (facts.reason == Reason::kDetection || !facts.signature.empty()) return why_detection(facts);
  if (facts.verdict == enforce::Verdict::kAllow) return why_allowed(facts);
  switch (facts.reason) {
    case Reason::kNoRule:
      return why_no_rule(facts);
    case Reason::kAppMismatch:
      return why_mismatch(facts);
    case Reason::kCondition:
      return why_condition(facts);
    case Reason::kQuarantine:
      return fmt::format("The device is quarantined{}, and that keeps only what its profile names.",
                         facts.quarantine.empty() ? "" : fmt::format(" ({})", facts.quarantine));
    case Reason::kOperatorBlock:
      return "An operator blocks this device.";
    default:
      return why_failure(facts);
  }
}

std::string what_was_done(const Facts& facts) {
  const auto packets = [&] { return fmt::format("{} packet{}", facts.count, facts.count == 1 ? "" : "s"); };
  if (facts.verdict == enforce::Verdict::kAllow && !facts.applied_drop) return "Allowed.";
  // A flow counts what went through while it was undecided, too.
  if (facts.applied_drop && facts.head.type == "flow")
    return fmt::format("Blocked: {} seen, and dropped from the decision on.", packets());
  if (facts.applied_drop) return fmt::format("Blocked: {} dropped.", packets());
  if (facts.essential || facts.step == enforce::Step::kKeepAlive)
    return fmt::format("Told, but not dropped: {} went on, since the flow is essential.", packets());
  if (facts.head.mode == "enforce")
    return fmt::format("Told, but not dropped: {} went on, since the class only alerts (on_violation).", packets());
  return fmt::format("Would be blocked, but the mode is monitor: {} went on.", packets());
}

std::string what_would_allow(const Facts& facts) {
  if (facts.verdict == enforce::Verdict::kAllow) return "";
  switch (facts.reason) {
    case Reason::kNoRule:
      if (facts.peer_ip.empty() || facts.several.any()) return "";
      if (!identified(facts)) return "It would be judged by its own class once it is pinned in devices.yaml.";
      return fmt::format("If it is meant to be, a rule in {} would allow it: {{{}}}{}.",
                         facts.class_file.empty() ? "its class file" : facts.class_file, missing_rule(facts),
                         where_words(facts));
    case Reason::kAppMismatch:
      if (facts.app.empty() || facts.rule_at.empty()) return "";
      return fmt::format("If it is meant to be, add {} to `app:` of that rule.", facts.app);
    case Reason::kCondition:
      if (facts.found.empty() || facts.rule_at.empty()) return "";
      return fmt::format("If it is meant to be, add \"{}\" to {} in `when:` of that rule.", facts.found, facts.fact);
    case Reason::kQuarantine:
      return fmt::format("`wardline quarantine release {}` ends the quarantine.", facts.head.device_id);
    default:
      return "";
  }
}

std::string policy_version(const Head& head) {
  if (head.policy_hash.empty()) return "No policy was loaded.";
  if (head.policy_commit.empty()) return fmt::format("Policy {} (not in git).", head.policy_hash.substr(0, 12));
  const auto end =
      std::min(head.policy_commit.find('-'), head.policy_commit.size());  // where "-dirty" begins, if it does
  return fmt::format("Policy {} (commit {}{}).", head.policy_hash.substr(0, 12),
                     head.policy_commit.substr(0, std::min<std::size_t>(end, 12)), head.policy_commit.substr(end));
}

std::string explain(const Facts& facts) {
  std::string text = what_happened(facts) + told_together(facts) + " " + why(facts) + " " + what_was_done(facts);
  if (const auto hint = what_would_allow(facts); !hint.empty()) text += " " + hint;
  return text + " " + policy_version(facts.head);
}

}  // namespace wardline::records
