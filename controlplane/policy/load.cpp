// A policy directory, whole or not at all.
#include <algorithm>
#include <filesystem>
#include <tuple>

#include <fmt/format.h>

#include "controlplane/policy/build.h"
#include "controlplane/policy/check.h"
#include "controlplane/policy/fingerprint.h"
#include "controlplane/policy/stated.h"

namespace wardline::policy {
namespace {

// "classes/pump.yaml:14:22" in parts, so that line 9 stands before line 10.
std::tuple<std::string_view, int, int> place_of(const Error& error) {
  std::string_view where = error.where;
  int column = 0, line = 0;
  for (int* number : {&column, &line}) {
    const auto colon = where.rfind(':');
    if (colon == std::string_view::npos) break;
    int value = 0;
    for (const char c : where.substr(colon + 1))
      value = c >= '0' && c <= '9' && value < 100'000'000 ? value * 10 + (c - '0') : -1;
    if (value < 0) break;
    *number = value;
    where = where.substr(0, colon);
  }
  return {where, line, column};
}

Errors sorted(Errors errors) {
  std::ranges::stable_sort(errors, [](const Error& a, const Error& b) { return place_of(a) < place_of(b); });
  return errors;
}

struct Reading {
  PolicyDraft draft;
  std::vector<std::string> class_names;
  bool site_known = false;
};

// `classes/infusion-pump.yaml` -> `infusion-pump`
std::string stem_of(const std::string& file) {
  return std::filesystem::path(file).stem().string();
}

Reading read_files(const std::string& directory, const std::vector<std::string>& files, Errors& errors) {
  Reading reading;
  for (const auto& file : files) {
    if (file.starts_with("signatures/")) continue;
    const bool device_class = file.starts_with("classes/");
    if (device_class) reading.class_names.push_back(stem_of(file));
    const auto document = YamlDocument::load(directory + "/" + file, file, errors, most_bytes(file));
    if (!document) continue;
    if (file == "site.yaml") {
      read_site(document->root(), reading.draft.site);
      reading.site_known = true;
    } else if (file == "devices.yaml") {
      read_register(document->root(), reading.draft.devices);
    } else if (device_class) {
      read_class(document->root(), stem_of(file), reading.draft.classes.emplace_back());
    } else if (file.starts_with("fingerprints/")) {
      read_fingerprints(document->root(), reading.draft.fingerprints);
    } else {
      read_expectations(document->root(), reading.draft.expectations);
    }
  }
  if (std::ranges::find(files, "site.yaml") == files.end())
    errors.push_back({"policy.file-missing", "site.yaml:1:1", "the file is missing: a policy begins with it"});
  return reading;
}

void check(const Reading& reading, const SignatureSet& signatures, bool apps_known, const LoadOptions& options,
           Errors& errors, Errors& warnings) {
  const CheckContext context{reading.draft,
                             signatures,
                             reading.class_names,
                             options.bundles,
                             reading.site_known,
                             apps_known,
                             std::chrono::floor<std::chrono::days>(options.now),
                             errors,
                             warnings};
  check_rules(context);
  check_classes(context);
  check_detections(context);
  check_segments(context);
  check_register(context);
  check_expectation_names(context);
  check_fingerprint_ids(reading.draft.fingerprints, errors);
}

Errors no_directory(const std::string& given) {
  return {{"policy.directory", given, "expected a policy directory; there is none"}};
}

}  // namespace

std::expected<StatedPolicy, Errors> read_stated(const std::string& given) {
  const std::string directory = std::filesystem::path(given).lexically_normal().string();
  Errors errors;
  std::error_code fault;
  if (!std::filesystem::is_directory(directory, fault)) return std::unexpected(no_directory(given));
  const auto files = policy_files(directory, errors);
  StatedPolicy stated{.directory = directory,
                      .hash = hex(fingerprint(directory, files)),
                      .commit = commit_of(directory),
                      .draft = read_files(directory, files, errors).draft};
  if (!errors.empty()) return std::unexpected(sorted(std::move(errors)));
  return stated;
}

std::expected<std::shared_ptr<const Policy>, Errors> load(const std::string& given, const LoadOptions& options) {
  const std::string directory = std::filesystem::path(given).lexically_normal().string();
  Errors errors;
  std::error_code fault;
  if (!std::filesystem::is_directory(directory, fault)) return std::unexpected(no_directory(given));
  const auto files = policy_files(directory, errors);
  const auto digest = fingerprint(directory, files);
  Reading reading = read_files(directory, files, errors);
  const std::size_t before = errors.size();
  auto signatures =
      load_signatures(directory + "/signatures", "signatures/", options.cache_folder, options.workers, errors);
  auto policy = std::make_shared<Policy>();
  check(reading, signatures, errors.size() == before, options, errors, policy->warnings);
  if (!errors.empty()) return std::unexpected(sorted(std::move(errors)));

  policy->fingerprints = DeviceFingerprints(std::move(reading.draft.fingerprints));
  policy->directory = directory;
  policy->hash = hex(digest);
  policy->commit = commit_of(directory);
  policy->warnings = sorted(std::move(policy->warnings));
  policy->plain.policy_hash = digest;
  if (build(reading.draft, std::move(signatures), options, *policy, errors))
    check_expectations(reading.draft, *policy, errors);
  Errors late;
  if (policy_files(directory, late) != files || fingerprint(directory, files) != digest)
    errors.push_back({"policy.changed", directory, "its files changed while they were read: try again"});
  if (!errors.empty()) return std::unexpected(sorted(std::move(errors)));
  return policy;
}

}  // namespace wardline::policy
