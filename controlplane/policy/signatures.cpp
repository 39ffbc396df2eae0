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

// Numbers the signatures and applications, and lays the patterns out for the compiler.
void number_all(std::vector<SignatureEntry>& entries, SignatureSet& set) {
  const auto built_in = set.app_names.size();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto& entry = entries[i];
    if (!entry.text.application.empty() && set.app_names.size() < kMaxApps) {
      entry.traits.app = app_number(set, built_in, entry.text.application);
      add_proto(set.app_protos[entry.traits.app], entry.traits.tcp, "tcp");
      add_proto(set.app_protos[entry.traits.app], entry.traits.udp, "udp");
    }
    for (auto& pattern : entry.patterns) {
      pattern.signature = static_cast<SignatureId>(i);
      set.patterns.push_back(pattern);
    }
    set.texts.push_back(entry.text);
    set.traits.push_back(entry.traits);
  }
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
  if (entries.size() > kMaxSignatures) return set;
  number_all(entries, set);
  describe_known_apps(set);

  auto compiled = classify::DatabaseSet::compile(set.patterns, set.traits, cache_folder);
  if (!compiled) {
    std::ranges::move(compiled.error(), std::back_inserter(errors));
    return set;
  }
  set.databases = std::move(*compiled);
  if (const auto ready = set.databases->prepare_workers(std::max<std::size_t>(workers, 1)); !ready) {
    errors.push_back(ready.error());
    return set;
  }
  if (errors.size() == errors_before) check_examples(entries, set, errors);
  return set;
}

}  // namespace wardline::policy
