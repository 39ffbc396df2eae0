#include "controlplane/replay/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "controlplane/cli/commands.h"
#include "controlplane/cli/duration.h"
#include "controlplane/cli/signature_cache.h"

namespace wardline::cli {
namespace {

// What a person wants of the records, gathered while they pass.
class Gathered {
 public:
  void add(std::string_view type, std::string_view text) {
    const auto record = Json::parse(text, nullptr, false);
    if (!record.is_object()) return;
    if (type == "device") classes_[field(record, "device_id")] = field(record, "class");
    if (type == "flow") add_flow(record);
    if (type == "violation") add_violation(record);
    if (type == "detection") ++detections_[field(record, "signature") + " (" + field(record, "severity") + ")"];
    if (type == "quarantine")
      quarantines_[field(record, "device_id")] = field(record, "profile") + ", " + field(record, "state");
  }

  void print(const Terminal& terminal) const {
    std::map<std::string, std::uint64_t> devices;
    for (const auto& [id, device_class] : classes_) ++devices[device_class];
    print_counts("DEVICES", "CLASS", devices, terminal);
    Table flows({"FLOWS", "APPLICATION", "VERDICT"});
    for (const auto& [kind, ids] : flows_)
      flows.add({{std::to_string(ids.size())}, {kind.first}, {kind.second, colour_of(kind.second)}});
    if (!flows.empty()) fmt::print("\n{}", flows.text(terminal));
    print_violations(terminal);
    print_counts("DETECTIONS", "SIGNATURE", detections_, terminal);
    Table held({"QUARANTINE", "DEVICE"});
    for (const auto& [device, state] : quarantines_) held.add({{state, Colour::kBad}, {device}});
    if (!held.empty()) fmt::print("\n{}", held.text(terminal));
  }

 private:
  struct Violations {
    std::uint64_t packets = 0;
    std::string example;
  };

  static Colour colour_of(const std::string& verdict) {
    return verdict == "block" ? Colour::kBad : verdict == "would_block" ? Colour::kNotice : Colour::kNone;
  }

  void add_flow(const Json& record) {
    flows_[{field(record, "app"), field(record, "verdict")}].insert(field(record, "id"));
  }

  void add_violation(const Json& record) {
    auto& kind = violations_[{field(record, "class"), field(record, "reason"), field(record, "verdict")}];
    kind.packets += number(record, "count");
    if (kind.example.empty()) kind.example = field(record, "explanation");
  }

  void print_violations(const Terminal& terminal) const {
    Table table({"PACKETS", "CLASS", "REASON", "VERDICT", "FOR EXAMPLE"});
    for (const auto& [kind, told] : violations_) {
      const auto& [device_class, reason, verdict] = kind;
      table.add(
          {{std::to_string(told.packets)}, {device_class}, {reason}, {verdict, colour_of(verdict)}, {told.example}});
    }
    if (!table.empty()) fmt::print("\n{}", table.text(terminal));
  }

  static void print_counts(const char* count, const char* name, const std::map<std::string, std::uint64_t>& counts,
                           const Terminal& terminal) {
    Table table({count, name});
    for (const auto& [key, number] : counts) table.add({{std::to_string(number)}, {key}});
    if (!table.empty()) fmt::print("\n{}", table.text(terminal));
  }

  std::map<std::string, std::string> classes_, quarantines_;
  std::map<std::pair<std::string, std::string>, std::set<std::string>> flows_;
  std::map<std::tuple<std::string, std::string, std::string>, Violations> violations_;
  std::map<std::string, std::uint64_t> detections_;
};

void print_summary(const replay::Outcome& outcome) {
  const auto& sum = outcome.summary;
  std::uint64_t dropped = 0;
  for (const auto& [reason, count] : sum.dropped) dropped += count;
  fmt::print("policy    {}, hash {}\n", outcome.site, outcome.policy_hash.substr(0, 12));
  fmt::print("captured  {} packets, {} bytes, {} flows in {:.1f} s; {} malformed\n", sum.packets, sum.bytes, sum.flows,
             sum.seconds, sum.malformed);
  fmt::print("packets   {} received + {} created = {} forwarded + {} dropped + {} held\n", sum.packets, sum.created,
             sum.forwarded, dropped, sum.held);
  for (const auto& [reason, count] : sum.dropped) fmt::print("  dropped {:<24} {}\n", reason, count);
}

ExitCode refuse(const Errors& errors) {
  for (const auto& error : errors) tell_error(error.text());
  return kBadInput;
}

}  // namespace

ExitCode replay_captures(const Context& context, const ReplayOptions& given) {
  if (given.bundles.empty() && (given.captures.empty() || given.device_side.empty()))
    return refuse({{"replay.captures", "replay",
                    "expected --device-side and captures, or --bundle with those of its legs; see `wardline replay "
                    "--help`"}});
  auto bundles = replay::bundles_of(given.bundles);
  if (!bundles) return refuse(bundles.error());
  replay::Options options;
  options.policy = given.policy;
  options.device_side = given.device_side;
  options.captures = given.captures;
  options.bundles = std::move(*bundles);
  options.devices = given.devices;
  options.register_silent = std::chrono::seconds(seconds_of(given.register_silent).value_or(0));
  options.out = given.out;
  options.inventory = given.inventory;
  options.cache_folder = given.cache.empty() ? signature_cache() : given.cache;
  if (!given.mode.empty()) options.mode = given.mode == "enforce" ? enforce::Mode::kEnforce : enforce::Mode::kMonitor;
  Gathered gathered;
  const auto outcome = replay::run(options, [&](std::string_view type, std::string_view json) {
    if (context.json)
      fmt::print("{}\n", json);
    else
      gathered.add(type, json);
  });
  if (!outcome) return refuse(outcome.error());
  for (const auto& warning : outcome->warnings) tell_error(warning);
  if (!context.json) {
    print_summary(*outcome);
    gathered.print(context.terminal);
  }
  return kFine;
}

}  // namespace wardline::cli
