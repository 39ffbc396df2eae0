#include "controlplane/policy/signatures.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>

#include <fmt/format.h>

#include "controlplane/policy/builtin_apps.h"
#include "controlplane/policy/signature_examples.h"
#include "controlplane/policy/signature_reader.h"

namespace wardline::policy {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxSignatures = 60000;  // SignatureId has 16 bits
constexpr std::size_t kMaxApps = 4096;

// The files below `folder`, as paths relative to it, in path order: numbers are given in this order.
std::vector<std::string> yaml_files(const std::string& folder, const std::string& shown_prefix, Errors& errors) {
  std::vector<std::string> files;
  std::error_code fault;
  if (!fs::exists(folder, fault))
    return files;  // a policy may do without signatures; rules that name applications then fail
  // The same files as policy_files() finds for the fingerprint: links are followed, what begins with a dot is not ours.
  fs::recursive_directory_iterator entry(folder, fs::directory_options::follow_directory_symlink, fault);
  for (const fs::recursive_directory_iterator end; !fault && entry != end; entry.increment(fault)) {
    const bool hidden = entry->path().filename().string().starts_with('.');
    if (hidden || entry.depth() > 7) entry.disable_recursion_pending();  // deep: a link that leads back up
    if (hidden || entry->is_directory(fault) || entry->path().extension() != ".yaml") continue;
    files.push_back(entry->path().lexically_relative(folder).string());
  }
  if (fault) errors.push_back({"signature.folder", shown_prefix, "cannot be read: " + fault.message()});
  std::ranges::sort(files);
  return files;
}

std::vector<SignatureEntry> read_all(const std::string& folder, const std::string& shown_prefix, Errors& errors) {
  std::vector<SignatureEntry> entries;
  for (const auto& file : yaml_files(folder, shown_prefix, errors)) {
    const auto document = YamlDocument::load(folder + "/" + file, shown_prefix + file, errors);
    if (!document) continue;
    std::ranges::move(read_signature_file(*document), std::back_inserter(entries));
  }
  return entries;
}

void check_ids(const std::vector<SignatureEntry>& entries, Errors& errors) {
  std::map<std::string, Location> seen;
  for (const auto& entry : entries) {
    if (entry.text.id.empty()) continue;  // reported when it was read
    const auto [first, fresh] = seen.try_emplace(entry.text.id, entry.text.at);
    if (!fresh)
      errors.push_back({"signature.duplicate", entry.text.at.text(),
                        fmt::format("the id '{}' stands at {} already; every signature has its own", entry.text.id,
                                    first->second.text())});
  }
  if (entries.size() > kMaxSignatures)
    errors.push_back({"signature.count", "",
                      fmt::format("expected at most {} signatures, found {}", kMaxSignatures, entries.size())});
}

// The place of a name among those ever given one. A number stays with its name while the process lives, since flows
// remember the number of their application over a reload, and another policy may have more applications or fewer.
std::size_t lasting_place(const std::string& name) {
  static std::mutex guard;
  static std::vector<std::string> names;
  const std::scoped_lock lock(guard);
  const auto found = std::ranges::find(names, name);
  const auto place = static_cast<std::size_t>(found - names.begin());
  if (found == names.end()) names.push_back(name);
  return place;
}

// `built_in` applications come first. Numbers of names that only other policies use read "unknown" here.
AppId app_number(SignatureSet& set, std::size_t built_in, const std::string& name) {
  if (const auto known = set.app(name)) return *known;
  const auto number = built_in + lasting_place(name);
  if (number >= set.app_names.size()) {
    set.app_names.resize(number + 1, set.app_names[kNoApp]);
    set.app_protos.resize(number + 1);
  }
  set.app_names[number] = name;
  return static_cast<AppId>(number);
}

void add_proto(std::string& protos, bool used, std::string_view proto) {
  if (!used || protos.find(proto) != std::string::npos) return;
  protos += (protos.empty() ? "" : " ") + std::string(proto);
}

void number_applications(std::vector<SignatureEntry>& entries, SignatureSet& set) {
  const auto built_in = set.app_names.size();
  for (auto& entry : entries) {
    if (entry.text.application.empty() || set.app_names.size() >= kMaxApps) continue;
    entry.traits.app = app_number(set, built_in, entry.text.application);
    add_proto(set.app_protos[entry.traits.app], entry.traits.tcp, "tcp");
    add_proto(set.app_protos[entry.traits.app], entry.traits.udp, "udp");
  }
}

void report_unknown_app(const SignatureSet& set, const Word& name, Errors& errors) {
  auto known = set.app_names;
  std::erase(known, "unknown");
  const auto near = nearest(name.text, known);
  errors.push_back({"signature.within", name.at.text(),
                    fmt::format("the application '{}' is not known{}", name.text,
                                near.empty() ? "; some signature must prove it" : "; did you mean '" + near + "'?")});
}

// `within:` and the examples' `app:` name applications of any file.
void resolve_names(std::vector<SignatureEntry>& entries, const SignatureSet& set, Errors& errors) {
  for (auto& entry : entries) {
    for (std::size_t i = 0; i < entry.within.size(); ++i)
      if (const auto app = set.app(entry.within[i].text); app && *app != kNoApp)
        entry.traits.within[i] = *app;
      else
        report_unknown_app(set, entry.within[i], errors);
    for (std::size_t i = 0; i < entry.carriers.size(); ++i)
      if (const auto app = set.app(entry.carriers[i].text); app && *app != kNoApp && *app != entry.traits.app)
        entry.traits.carriers[i] = *app;
      else
        report_unknown_app(set, entry.carriers[i], errors);
    for (const auto& example : entry.examples)
      if (example.app && !set.app(example.app->text)) report_unknown_app(set, *example.app, errors);
  }
}

// What one signature of an application says of its carriers holds for the application.
void describe_carriers(std::vector<SignatureEntry>& entries, SignatureSet& set, Errors& errors) {
  std::map<AppId, const SignatureEntry*> said;
  for (const auto& entry : entries) {
    if (entry.carriers.empty()) continue;
    const auto [first, fresh] = said.try_emplace(entry.traits.app, &entry);
    if (!fresh && first->second->traits.carriers != entry.traits.carriers)
      errors.push_back({"signature.carried-by", entry.carriers.front().at.text(),
                        fmt::format("'{}' is carried by something else at {}; say it alike, or once",
                                    entry.text.application, first->second->carriers.front().at.text())});
    auto& traits = set.app_traits[entry.traits.app];
    traits.carriers = entry.traits.carriers;
    if (traits.reader == facts::Reader::kNone) traits.reader = set.app_traits[traits.carriers[0]].reader;
  }
  for (const auto& [app, entry] : said)
    for (const auto carrier : entry->traits.carriers)
      if (said.contains(carrier))
        errors.push_back(
            {"signature.carried-by", entry->carriers.front().at.text(),
             fmt::format("'{}' is itself carried by another application; name that one", set.app_names[carrier])});
}

// Lays applications' and threats' patterns out for the compiler.
void number_signatures(const std::vector<SignatureEntry>& entries, SignatureSet& set) {
  for (const auto& entry : entries) {
    const auto number = static_cast<SignatureId>(set.texts.size());
    for (auto pattern : entry.patterns) {
      pattern.signature = number;
      set.patterns.push_back(std::move(pattern));
    }
    if (entry.detector)
      set.detectors[static_cast<std::size_t>(*entry.detector)] = {
          .enabled = true, .count = entry.count, .within_seconds = entry.within_seconds, .signature = number};
    set.texts.push_back(entry.text);
    set.traits.push_back(entry.traits);
  }
}

void check_detectors(const std::vector<SignatureEntry>& entries, Errors& errors) {
  std::map<std::string, Location> seen;
  for (const auto& entry : entries) {
    if (!entry.detector) continue;
    const auto [first, fresh] = seen.try_emplace(entry.text.detector, entry.text.at);
    if (!fresh)
      errors.push_back(
          {"signature.detector", entry.text.at.text(),
           fmt::format("the detector '{}' is set at {} already", entry.text.detector, first->second.text())});
  }
}

// Behaviour behind what has patterns, devices apart. Otherwise in path order.
std::vector<SignatureEntry> take_devices(std::vector<SignatureEntry>& entries) {
  const auto behind =
      std::ranges::stable_partition(entries, [](const SignatureEntry& entry) { return entry.text.device.empty(); });
  std::vector<SignatureEntry> devices(std::make_move_iterator(behind.begin()), std::make_move_iterator(behind.end()));
  entries.erase(behind.begin(), behind.end());
  std::ranges::stable_partition(entries, [](const SignatureEntry& entry) { return !entry.detector; });
  return devices;
}

std::shared_ptr<classify::DatabaseSet> compiled(std::span<const classify::Pattern> patterns,
                                                std::vector<classify::SignatureTraits> traits,
                                                const std::string& cache_folder, std::size_t workers, Errors& errors) {
  auto set = classify::DatabaseSet::compile(patterns, std::move(traits), cache_folder);
  if (!set) {
    std::ranges::move(set.error(), std::back_inserter(errors));
    return nullptr;
  }
  if (const auto ready = (*set)->prepare_workers(std::max<std::size_t>(workers, 1)); !ready) {
    errors.push_back(ready.error());
    return nullptr;
  }
  return std::move(*set);
}

void capture_faults(const SignatureEntry& entry, DeviceSignature& signature, Errors& errors) {
  for (const auto& capture : entry.captures) {
    if (capture.pattern >= entry.patterns.size()) continue;  // the pattern's own fault was reported
    auto expression = capture_expression(entry.patterns[capture.pattern], capture.group);
    if (expression)
      signature.captures.push_back({capture.attribute, std::move(*expression), capture.group});
    else
      errors.push_back({expression.error().code, capture.at.text(), expression.error().what});
  }
}

// Device signatures have databases of their own, in which each is a threat: that alone tells several hits at once.
void build_devices(std::vector<SignatureEntry>& entries, SignatureSet& set, const std::string& cache_folder,
                   Errors& errors) {
  std::vector<DeviceSignature> signatures;
  std::vector<classify::Pattern> patterns;
  std::vector<classify::SignatureTraits> traits;
  for (auto& entry : entries) {
    for (auto pattern : entry.patterns) {
      pattern.signature = static_cast<SignatureId>(signatures.size());
      patterns.push_back(std::move(pattern));
    }
    entry.traits.threat = true;
    traits.push_back(entry.traits);
    auto& signature = signatures.emplace_back(DeviceSignature{entry.text.id, entry.sets, {}});
    capture_faults(entry, signature, errors);
    set.device_texts.push_back(entry.text);
    for (const auto app : entry.traits.within)
      if (app != kNoApp) set.app_traits[app].copy_first_bytes = true;
  }
  if (signatures.empty()) return;
  auto databases = compiled(patterns, std::move(traits), cache_folder, 1, errors);
  if (databases) set.devices = std::make_shared<DeviceSignatures>(std::move(databases), std::move(signatures));
}

}  // namespace

std::optional<AppId> SignatureSet::app(std::string_view name) const {
  const auto found = std::ranges::find(app_names, name);
  if (found == app_names.end()) return std::nullopt;
  return static_cast<AppId>(found - app_names.begin());
}

SignatureSet load_signatures(const std::string& folder, const std::string& shown_prefix,
                             const std::string& cache_folder, std::size_t workers, Errors& errors) {
  SignatureSet set;
  add_builtin_apps(set);
  const auto errors_before = errors.size();
  auto entries = read_all(folder, shown_prefix, errors);
  check_ids(entries, errors);
  check_detectors(entries, errors);
  if (entries.size() > kMaxSignatures) return set;
  number_applications(entries, set);
  resolve_names(entries, set, errors);
  describe_known_apps(set);
  describe_carriers(entries, set, errors);
  auto devices = take_devices(entries);
  number_signatures(entries, set);
  build_devices(devices, set, cache_folder, errors);
  set.databases = compiled(set.patterns, set.traits, cache_folder, workers, errors);
  if (!set.databases || errors.size() != errors_before) return set;
  const auto started = std::chrono::steady_clock::now();
  check_examples(entries, set, errors);
  check_device_examples(devices, set, errors);
  set.examples_took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started);
  return set;
}

}  // namespace wardline::policy
