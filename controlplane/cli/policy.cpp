#include "controlplane/policy/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "controlplane/cli/commands.h"
#include "controlplane/cli/signature_cache.h"
#include "controlplane/policy/manual.h"
#include "controlplane/policy/schema.h"

namespace wardline::cli {
namespace {

constexpr std::chrono::seconds kReloadLimit{60};  // signatures may have to be compiled
constexpr std::size_t kCostliest = 5;

using Loaded = std::expected<std::shared_ptr<const policy::Policy>, Errors>;

std::size_t named(const auto& list) {
  return static_cast<std::size_t>(std::ranges::count_if(list, [](const auto& item) { return !item.name.empty(); }));
}

// The engine tells the costliest first; what costs little more than any is left out.
Json costs_of(const policy::Policy& policy) {
  auto list = Json::array();
  for (const auto& cost : policy.signatures.databases->costs()) {
    if (list.size() == kCostliest) break;
    const auto& text = policy.signatures.texts[cost.signature];
    list.push_back({{"signature", text.id},
                    {"where", text.at.text()},
                    {"why", fmt::format("{}", fmt::join(cost.reasons, "; "))},
                    {"always", cost.always},
                    {"database_bytes", cost.database_bytes},
                    {"ns_per_kib", std::llround(cost.ns_per_kib)}});
  }
  return list;
}

Json summary_of(const policy::Policy& policy) {
  const auto& set = policy.signatures;
  const auto apps = std::ranges::count_if(set.app_names, [](const auto& name) { return !name.empty(); });
  const auto of_kind = [&](std::string policy::SignatureText::*kind) {
    return std::ranges::count_if(set.texts, [&](const auto& text) { return !(text.*kind).empty(); });
  };
  const auto behaviour = of_kind(&policy::SignatureText::detector);
  const auto& report = set.databases->report();
  return {
      {"directory", policy.directory},
      {"site", policy.site},
      {"policy_hash", policy.hash},
      {"policy_commit", policy.commit ? Json(*policy.commit) : Json(nullptr)},
      {"classes", named(policy.classes)},
      {"rules", policy.rules.size()},
      {"applications", apps > 0 ? apps - 1 : 0},  // without "unknown"
      {"segments", named(policy.segments)},
      {"signatures", set.texts.size() + set.device_texts.size()},
      {"signatures_by_kind",
       {{"applications", of_kind(&policy::SignatureText::application)},
        {"devices", set.device_texts.size()},
        {"threats", of_kind(&policy::SignatureText::threat) - behaviour},
        {"behaviour", behaviour}}},
      {"databases", {{"compiled", report.compiled}, {"cached", report.cached}, {"milliseconds", report.took.count()}}},
      {"examples_milliseconds", set.examples_took.count()},
      {"costs", costs_of(policy)}};
}

void print_summary(const Json& summary, const std::string& directory) {
  fmt::print("{} is fine: {} classes, {} rules, {} applications, {} segments, hash {}\n", directory,
             field(summary, "classes"), field(summary, "rules"), field(summary, "applications"),
             field(summary, "segments"), field(summary, "policy_hash"));
  const auto& kinds = summary["signatures_by_kind"];
  const auto& databases = summary["databases"];
  fmt::print(
      "{} signatures: {} of applications, {} of threats, {} of devices, {} of behaviour; {} databases compiled, "
      "{} from the cache, in {} ms; examples in {} ms\n",
      field(summary, "signatures"), field(kinds, "applications"), field(kinds, "threats"), field(kinds, "devices"),
      field(kinds, "behaviour"), field(databases, "compiled"), field(databases, "cached"),
      field(databases, "milliseconds"), field(summary, "examples_milliseconds"));
  if (!summary["costs"].empty()) fmt::print("the signatures that cost most, and why:\n");
  for (const auto& cost : summary["costs"])
    fmt::print("  {} ({}), {} ns a KiB: {}\n", field(cost, "signature"), field(cost, "where"),
               field(cost, "ns_per_kib"), field(cost, "why"));
}

// Reads a policy as the daemon would; nullopt: there is no such directory, or no numbers for it, which has been told.
std::optional<Loaded> load_here(const std::string& directory) {
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    tell_error(directory + ": a policy is a directory with site.yaml, classes/ and signatures/; there is none here");
    return std::nullopt;
  }
  // Numbers of classes and segments live in the slots; a check gives them away for its own time only.
  auto numbers = enforce::DeviceSlots::open("", 64);
  if (!numbers) {
    tell_error(numbers.error().text());
    return std::nullopt;
  }
  policy::LoadOptions options;
  options.numbers = numbers->get();
  options.bundles.clear();  // those of wardlined.yaml are not known here
  options.cache_folder = signature_cache();
  return policy::load(directory, options);
}

}  // namespace

ExitCode policy_check(const Context& context, const std::string& directory) {
  const auto loaded = load_here(directory);
  if (!loaded) return kBadInput;
  if (!*loaded) {
    print_problems(context, loaded->error());
    return kAnswerIsNo;
  }
  const auto& policy = ***loaded;
  for (const auto& warning : policy.warnings) tell_error(warning.text());
  const auto summary = summary_of(policy);
  if (context.json)
    print_line(summary);
  else
    print_summary(summary, directory);
  return kFine;
}

ExitCode policy_schema(const std::string& word) {
  const auto schema = policy::schema_of(word);
  if (!schema) {
    tell_error(fmt::format("expected one of {}, found '{}'", fmt::join(policy::kSchemaWords, ", "), word));
    return kBadInput;
  }
  fmt::print("{}\n", *schema);
  return kFine;
}

ExitCode policy_docs(const std::string& directory, const std::string& page) {
  const auto loaded = load_here(directory);
  if (!loaded) return kBadInput;
  if (!*loaded) {
    for (const auto& problem : loaded->error()) tell_error(problem.text());
    return kAnswerIsNo;
  }
  const auto& policy = ***loaded;
  fmt::print("{}", page == "applications" ? manual_of_applications(policy) : manual_of_detections(policy));
  return kFine;
}

ExitCode policy_reload(const Context& context, const std::string& directory) {
  Json request{{"op", "policy.reload"}};
  // The daemon works in another folder.
  if (!directory.empty()) request["directory"] = std::filesystem::absolute(directory).lexically_normal().string();
  const auto answer = ask(context, request, kReloadLimit);
  if (!answer) return answer.error();
  const auto policy = answer->value("policy", Json::object());
  if (context.json)
    print_line(policy);
  else
    fmt::print("{} is in force: {} classes, {} rules, {} segments, hash {}\n", field(policy, "directory"),
               field(policy, "classes"), field(policy, "rules"), field(policy, "segments"),
               field(policy, "policy_hash"));
  return kFine;
}

}  // namespace wardline::cli
