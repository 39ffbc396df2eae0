#include "controlplane/policy/build.h"

#include <algorithm>
#include <map>

#include "controlplane/policy/detection_tables.h"
#include "controlplane/policy/rule_builder.h"
#include "dataplane/facts/reading.h"

namespace wardline::policy {
namespace {

class Builder {
 public:
  Builder(const PolicyDraft& draft, const LoadOptions& options, Policy& policy)
      : draft_(draft),
        options_(options),
        policy_(policy),
        snapshot_(policy.plain),
        detections_(policy.signatures, draft.site.detections) {}

  bool number_all(Errors& errors) {
    for (const auto& each : draft_.classes) {
      const ClassId id =
          each.text.name == "unidentified" ? kUnidentifiedClass : options_.numbers->class_number(each.text.name);
      if (id == kNoClass) return full(errors, "classes", each.text.at);
      class_ids_[each.text.name] = id;
    }
    for (const auto& segment : draft_.site.segments) {
      const SegmentId id = options_.numbers->segment_number(segment.name);
      if (id == kUnknownSegment) return full(errors, "segments", segment.at);
      segment_ids_[segment.name] = id;
    }
    return true;
  }

  void fill() {
    RuleBuilder rules(draft_, class_ids_, policy_);
    std::vector<const RuleDraft*> infrastructure;
    for (const auto& rule : draft_.site.infrastructure) infrastructure.push_back(&rule);
    snapshot_.infrastructure = rules.add(infrastructure, "infrastructure", true);
    add_exceptions(rules);
    for (const auto& each : draft_.classes) add_class(each, rules);
    for (const auto& fingerprint : policy_.fingerprints.all())
      for (const auto& condition : fingerprint.when) copy_first_bytes_for(condition.attribute);
    snapshot_.detection_actions = detections_.take();
    add_segments(rules);
    rules.finish();
    copy_site();
    add_register();
  }

 private:
  static bool full(Errors& errors, std::string_view what, const Location& at) {
    errors.push_back(
        {"policy.numbers", at.text(),
         "no number is left for more " + std::string(what) +
             ": names of former policies keep theirs while the slot file lives; remove the slot file and start anew"});
    return false;
  }

  void add_class(const ClassDraft& each, RuleBuilder& rules) {
    const ClassId id = class_ids_.at(each.text.name);
    if (snapshot_.classes.size() <= id) snapshot_.classes.resize(id + 1U), policy_.classes.resize(id + 1U);
    policy_.classes[id] = each.text;
    for (const auto& rule : each.text.evidence) copy_first_bytes_for(rule.attribute);
    std::vector<const RuleDraft*> list;
    for (const auto& rule : each.rules) list.push_back(&rule);
    snapshot_.classes[id] = {.defined = true,
                             .mode = each.text.mode,
                             .criticality = each.text.criticality,
                             .rules = rules.add(list, each.text.name, false),
                             .on_violation = each.on_violation,
                             .quarantine_after = each.after,
                             .quarantine_within_seconds = each.within_seconds,
                             .counts_detections_only = each.counts_detections,
                             .profile = each.profile,
                             .approval_required = each.approval_required,
                             .inspect_bytes = each.inspect_bytes.value_or(draft_.site.inspect_bytes),
                             .detection_table = detections_.table_of(each.detections)};
  }

  // Evidence that a fact gives, such as tls.sni, and what else is read of the same first bytes, is observed only where
  // a class or a fingerprint asks for it: a copy of every hello of every device would be much for nothing.
  void copy_first_bytes_for(std::string_view attribute) {
    constexpr std::pair<std::string_view, std::string_view> kReadBeside[] = {
        {"http.title", "http.server"},
        {"http.realm", "http.server"},
        {"tls.subject", "tls.version"},
        {"tls.subject_organisation", "tls.version"},
        {"tls.issuer_organisation", "tls.version"},
    };
    for (const auto& [beside, fact] : kReadBeside)
      if (attribute == beside) attribute = fact;
    const auto fact = std::ranges::find(facts::kFacts, attribute, &facts::FactText::name);
    if (fact == facts::kFacts.end()) return;
    for (auto& app : policy_.signatures.app_traits)
      app.copy_first_bytes = app.copy_first_bytes || facts::tells(app.reader, fact->fact);
  }

  // Exceptions that hold today, device by device in the order of the file, sorted by the device's key.
  void add_exceptions(RuleBuilder& rules) {
    const auto today = std::chrono::floor<std::chrono::days>(options_.now);
    std::map<std::string, std::vector<const RuleDraft*>> by_device;
    for (const auto& each : draft_.devices.exceptions) {
      if (each.until < today) {
        policy_.expired_exceptions.push_back({each.device, each.rule.name, each.until, each.until_at});
        continue;
      }
      by_device[each.device].push_back(&each.rule);
      holds_until(each.until);
    }
    for (const auto& [device, list] : by_device)
      snapshot_.exceptions.push_back({enforce::name_hash(device), rules.add(list, "exception " + device, false)});
    std::ranges::sort(snapshot_.exceptions, {}, &enforce::Snapshot::ExceptionSet::device_key);
  }

  // Something changes after that day.
  void holds_until(std::chrono::sys_days last) {
    const std::chrono::sys_seconds ends = last + std::chrono::days(1);
    policy_.next_change = std::min(policy_.next_change.value_or(ends), ends);
  }

  void add_segments(RuleBuilder& rules) {
    using enforce::Mode;
    snapshot_.segments.resize(1);
    snapshot_.segments[kUnknownSegment].defined = true;  // monitor, always
    policy_.segments.assign(1, {.name = "unknown", .ward = "", .expects = {}, .mode = Mode::kMonitor, .at = {}});
    std::map<std::string, std::uint16_t> wards;
    std::vector<enforce::SegmentMap::Entry> entries;
    for (const auto& each : draft_.site.segments) {
      const SegmentId id = segment_ids_.at(each.name);
      if (snapshot_.segments.size() <= id) snapshot_.segments.resize(id + 1U), policy_.segments.resize(id + 1U);
      const Mode mode = options_.mode_override.value_or(each.mode.value_or(draft_.site.mode));
      std::uint16_t ward = 0;
      if (!each.ward.empty())
        ward = wards.try_emplace(each.ward, static_cast<std::uint16_t>(wards.size() + 1)).first->second;
      snapshot_.segments[id] = {.defined = true,
                                .mode = mode,
                                .unidentified_mode = each.unidentified,
                                .identify_by_ip = each.identify_by_ip,
                                .asymmetric = each.asymmetric,
                                .ward = ward,
                                .expects = rules.add_classes(each.expects),
                                .inbound_group = each.inbound_group};
      policy_.segments[id] = {.name = each.name, .ward = each.ward, .expects = {}, .mode = mode, .at = each.at};
      for (const auto& expected : each.expects) policy_.segments[id].expects.push_back(expected.text);
      const auto bundle = bundle_of(each.bundle);
      entries.push_back({bundle, Side::kDevice, each.device_side.outer, each.device_side.inner, id});
      entries.push_back({bundle, Side::kCore, each.core_side.outer, each.core_side.inner, id});
    }
    const auto bundles = std::max<std::size_t>(1, std::max(options_.bundles.size(), named_bundles_.size()));
    snapshot_.segment_map = enforce::SegmentMap(entries, static_cast<std::uint16_t>(bundles));
  }

  // The bundle's index; where any name is accepted, names are numbered as they come. -1: every bundle.
  std::int16_t bundle_of(const std::string& name) {
    if (name.empty()) return -1;
    const auto& known = options_.bundles;
    if (!known.empty()) return static_cast<std::int16_t>(std::ranges::find(known, name) - known.begin());
    return named_bundles_.try_emplace(name, static_cast<std::int16_t>(named_bundles_.size())).first->second;
  }

  void copy_site() {
    const SiteDraft& site = draft_.site;
    policy_.site = site.site;
    policy_.quarantine_budget = site.budget;
    policy_.moved_former_class_seconds = site.former_class_seconds;
    snapshot_.on_failure = site.on_failure;
    snapshot_.undecided_limit = site.undecided_limit;
    snapshot_.undecided = site.undecided;
    snapshot_.timeouts = site.timeouts;
    snapshot_.ethertypes = site.ethertypes;
    snapshot_.rejects_per_second = site.rejects_per_second;
    snapshot_.apps = policy_.signatures.app_traits;
    for (const auto& word : site.classify_only) snapshot_.apps[*policy_.signatures.app(word.text)].bulk = true;
    snapshot_.detectors = policy_.signatures.detectors;
    snapshot_.known = policy_.signatures.known;
    snapshot_.apps_by_proto = policy_.signatures.apps_by_proto;
    snapshot_.databases = policy_.signatures.databases;
  }

  bool life_critical(const std::string& name) const {
    const auto found = std::ranges::find(policy_.classes, name, &ClassText::name);
    return found != policy_.classes.end() && found->criticality == enforce::Criticality::kLifeCritical;
  }

  void add_register() {
    policy_.devices = draft_.devices.devices;
    const auto today = std::chrono::floor<std::chrono::days>(options_.now);
    for (auto& entry : policy_.devices) {
      if (!entry.loaner) continue;
      const bool past = entry.loaner->until < today;
      entry.overdue = past && !life_critical(entry.device_class);
      if (!past) holds_until(entry.loaner->until);
    }
    for (std::size_t i = 0; i < policy_.devices.size(); ++i)
      for (const auto& mac : policy_.devices[i].macs) policy_.register_by_mac[mac] = i;
  }

  const PolicyDraft& draft_;
  const LoadOptions& options_;
  Policy& policy_;
  enforce::Snapshot& snapshot_;
  DetectionTables detections_;
  std::map<std::string, ClassId> class_ids_;
  std::map<std::string, SegmentId> segment_ids_;
  std::map<std::string, std::int16_t> named_bundles_;
};

}  // namespace

bool build(const PolicyDraft& draft, SignatureSet signatures, const LoadOptions& options, Policy& policy,
           Errors& errors) {
  policy.signatures = std::move(signatures);
  Builder builder(draft, options, policy);
  if (!builder.number_all(errors)) return false;
  builder.fill();
  policy.plain.index_rules();
  return true;
}

}  // namespace wardline::policy
