#include "controlplane/policy/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "controlplane/cli/commands.h"

namespace wardline::cli {
namespace {

constexpr std::chrono::seconds kReloadLimit{60};  // signatures may have to be compiled

std::size_t named(const auto& list) {
  return static_cast<std::size_t>(std::ranges::count_if(list, [](const auto& item) { return !item.name.empty(); }));
}

Json summary_of(const policy::Policy& policy) {
  const auto apps = std::ranges::count_if(policy.signatures.app_names, [](const auto& name) { return !name.empty(); });
  return {{"directory", policy.directory},
          {"site", policy.site},
          {"policy_hash", policy.hash},
          {"policy_commit", policy.commit ? Json(*policy.commit) : Json(nullptr)},
          {"classes", named(policy.classes)},
          {"rules", policy.rules.size()},
          {"applications", apps > 0 ? apps - 1 : 0},  // without "unknown"
          {"segments", named(policy.segments)},
          {"signatures", policy.signatures.texts.size()}};
}

}  // namespace

ExitCode policy_check(const Context& context, const std::string& directory) {
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    tell_error(directory + ": a policy is a directory with site.yaml, classes/ and signatures/; there is none here");
    return kBadInput;
  }
  // Numbers of classes and segments live in the slots; a check gives them away for its own time only.
  auto numbers = enforce::DeviceSlots::open("", 64);
  if (!numbers) {
    tell_error(numbers.error().text());
    return kBadInput;
  }
  policy::LoadOptions options;
  options.numbers = numbers->get();
  options.bundles.clear();  // those of wardlined.yaml are not known here
  const auto loaded = policy::load(directory, options);
  if (!loaded) {
    print_problems(context, loaded.error());
    return kAnswerIsNo;
  }
  for (const auto& warning : (*loaded)->warnings) tell_error(warning.text());
  const auto summary = summary_of(**loaded);
  if (context.json)
    print_line(summary);
  else
    fmt::print("{} is fine: {} classes, {} rules, {} applications, {} segments, hash {}\n", directory,
               field(summary, "classes"), field(summary, "rules"), field(summary, "applications"),
               field(summary, "segments"), field(summary, "policy_hash"));
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
