#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "controlplane/assets/devices_in.h"
#include "controlplane/assets/merge.h"
#include "controlplane/assets/replace.h"
#include "controlplane/cli/commands.h"
#include "controlplane/cli/files.h"
#include "controlplane/cli/mapped_file.h"
#include "controlplane/policy/stated.h"

namespace wardline::cli {
namespace {

using assets::Merged;
using assets::Outcome;
using assets::RegisterText;

constexpr const char* kRegister = "devices.yaml";

// What an import came to, told at its end however it ends.
struct Import {
  std::vector<Merged> merged;
  Errors errors;
  Errors conflicts;                          // lines left out by --skip-conflicts
  bool bad_input = false;                    // a file or a map, and not lines alone
  std::optional<std::size_t> not_in_export;  // nullopt: the export was not read
  std::string written;                       // "": nothing was
};

// The devices of the export. What is wrong with a file or the map is bad input; lines may be refused, too.
std::optional<assets::DevicesIn> read_devices(const AssetImportOptions& options, const assets::KnownNames& known,
                                              Errors& errors) {
  const auto keys = assets::asset_keys();
  constexpr std::array<std::string_view, 1> kRequired{"id"};
  const auto file = MappedFile::read(options.export_file, options.map, keys, kRequired, errors);
  if (!file) return std::nullopt;
  return assets::devices_in(file->table, known, errors);
}

// Classes and segments of the policy that the register belongs to; none where it belongs to no policy.
std::expected<assets::KnownNames, Errors> names_beside(const std::string& register_file) {
  if (register_file.empty()) return assets::KnownNames{};
  const auto folder = std::filesystem::absolute(register_file).parent_path();
  std::error_code fault;
  if (!std::filesystem::exists(folder / "site.yaml", fault)) return assets::KnownNames{};
  const auto stated = policy::read_stated(folder.string());
  if (!stated) return std::unexpected(stated.error());
  assets::KnownNames known;
  for (const auto& each : stated->draft.classes) known.classes.push_back(each.text.name);
  for (const auto& each : stated->draft.site.segments) known.segments.push_back(each.name);
  return known;
}

struct Count {
  std::size_t added = 0, changed = 0, left = 0;
};

Count count_of(const std::vector<Merged>& merged) {
  Count count;
  for (const auto& each : merged)
    ++(each.outcome == Outcome::kAdded ? count.added : each.outcome == Outcome::kChanged ? count.changed : count.left);
  return count;
}

Json record_of(const Merged& merged) {
  auto changes = Json::object();
  for (const auto& change : merged.changes) changes[change.key] = {{"before", change.before}, {"after", change.after}};
  return {{"type", "device"},
          {"where", merged.at.text()},
          {"id", merged.id},
          {"export_id", merged.export_id},
          {"outcome", assets::text_of(merged.outcome)},
          {"changes", std::move(changes)},
          {"notices", merged.notices}};
}

void print_merged(const Context& context, const std::vector<Merged>& merged) {
  for (const auto& each : merged) {
    if (context.json) {
      print_line(record_of(each));
      continue;
    }
    const bool other_id = each.export_id != each.id;
    std::string changes;
    for (const auto& [key, before, after] : each.changes)
      changes += fmt::format("{}{} '{}' -> '{}'", changes.empty() ? ": " : ", ", key, before, after);
    if (each.outcome != Outcome::kLeft || other_id)
      fmt::print("{} {} ({}{}){}\n", assets::text_of(each.outcome), each.id, each.at.line_text(),
                 other_id ? fmt::format(", there '{}'", each.export_id) : "", changes);
    for (const auto& notice : each.notices) fmt::print("notice {}: {}\n", each.at.line_text(), notice);
  }
}

// `type` of the JSON record; `word` for people.
void print_refused(const Context& context, const Errors& errors, const char* type, const char* word) {
  for (const auto& error : errors) {
    if (context.json)
      print_line({{"type", type}, {"code", error.code}, {"where", error.where}, {"what", error.what}});
    else
      fmt::print("{} {}\n", word, error.text());
  }
}

void print_summary(const Context& context, const Import& import, const std::string& target) {
  const auto count = count_of(import.merged);
  const auto problems = import.errors.size();
  if (context.json) {
    print_line({{"type", "summary"},
                {"added", count.added},
                {"changed", count.changed},
                {"left", count.left},
                {"problems", problems},
                {"conflicts", import.conflicts.size()},
                {"not_in_export", import.not_in_export ? Json(*import.not_in_export) : Json(nullptr)},
                {"written", import.written.empty() ? Json(nullptr) : Json(import.written)}});
    return;
  }
  fmt::print("{} added, {} changed, {} left as they are, {} problem{}", count.added, count.changed, count.left,
             problems, problems == 1 ? "" : "s");
  if (!import.conflicts.empty()) fmt::print(", {} in conflict and left out", import.conflicts.size());
  if (import.not_in_export) fmt::print("; {} of the register are not in the export and stay", *import.not_in_export);
  fmt::print("\n{}{}\n", import.written.empty() ? "Nothing was written." : "Written: " + import.written,
             target.empty() ? " To write, name --into or --out." : "");
}

// Beside a register that cannot be changed safely: the export alone, as a register of its own, for a person to merge.
Result<std::string> text_apart(const std::vector<policy::RegisterEntry>& devices) {
  auto apart = RegisterText::parse("", kRegister);
  for (const auto& device : devices) apart->append(device);
  return apart->finish();
}

std::vector<policy::RegisterEntry> without_conflicts(std::vector<policy::RegisterEntry> devices,
                                                     const std::vector<Merged>& merged) {
  std::set<int> lines;
  for (const auto& each : merged) lines.insert(each.at.line);
  std::erase_if(devices, [&](const policy::RegisterEntry& device) { return !lines.contains(device.at.line); });
  return devices;
}

std::expected<RegisterText, Errors> open_register(const std::string& path) {
  std::error_code fault;
  if (path.empty() || !std::filesystem::exists(path, fault)) return RegisterText::parse("", kRegister);
  auto text = read_file(path);
  if (!text) return std::unexpected(Errors{text.error()});
  return RegisterText::parse(std::move(*text), name_of(path));
}

ExitCode refuse(const Context& context, const Errors& errors) {
  print_problems(context, errors);
  return kBadInput;
}

// Of the command line, and not of the register.
bool bad_word(const Error& error) {
  constexpr std::array<std::string_view, 3> kCodes{"asset.mac", "asset.ticket", "asset.serial"};
  return std::ranges::find(kCodes, error.code) != kCodes.end();
}

Import bad_input(Errors errors) {
  Import import;
  import.errors = std::move(errors);
  import.bad_input = true;
  return import;
}

// Writes what was read, unless that is to be looked at only.
void write_import(const AssetImportOptions& options, const RegisterText& text,
                  const std::vector<policy::RegisterEntry>& devices, Import& import) {
  const auto count = count_of(import.merged);
  const auto target = options.into.empty() ? options.out : options.into;
  const bool write = !target.empty() && !options.dry_run && import.errors.empty() && count.added + count.changed != 0;
  auto changed = text.finish();
  std::string into = target;
  if (!changed && import.errors.empty()) {
    auto why = changed.error();
    if (!options.into.empty()) {
      into += ".imported";
      why.what += fmt::format("; {} stays as it is, the devices of the export {} {}", options.into,
                              write ? "are in" : "would be in", into);
      changed = text_apart(devices);
    }
    import.errors.push_back(std::move(why));
  }
  if (!write || !changed) return;
  const auto former = into == target ? std::optional<std::string_view>(text.before()) : std::nullopt;
  const auto done = write_file(into, *changed, former);
  if (!done) import.errors.push_back(done.error());
  import.bad_input = !done;
  import.written = done ? into : "";
}

Import run_import(const AssetImportOptions& options) {
  if (const auto absent = expect_absent(options.out); !absent) return bad_input({absent.error()});
  const auto known = names_beside(options.into);
  if (!known) return bad_input(known.error());
  auto text = open_register(options.into);
  if (!text) return bad_input(text.error());
  Import import;
  auto in = read_devices(options, *known, import.errors);
  import.bad_input = !in;
  if (!in) return import;
  Errors conflicts;
  import.merged = assets::merge(in->devices, *text, conflicts);
  auto& told_as = options.skip_conflicts ? import.conflicts : import.errors;
  std::ranges::move(conflicts, std::back_inserter(told_as));
  auto lines = std::move(in->passed_over);
  lines.insert(lines.end(), in->devices.begin(), in->devices.end());
  import.not_in_export = assets::not_in_export(text->entries(), import.merged, lines);
  write_import(options, *text, without_conflicts(std::move(in->devices), import.merged), import);
  return import;
}

}  // namespace

ExitCode asset_import(const Context& context, const AssetImportOptions& options) {
  const auto import = run_import(options);
  print_merged(context, import.merged);
  print_refused(context, import.conflicts, "conflict", "left out");
  print_refused(context, import.errors, "problem", "refused");
  print_summary(context, import, options.into + options.out);
  return import.bad_input ? kBadInput : import.errors.empty() ? kFine : kAnswerIsNo;
}

ExitCode asset_replace(const Context& context, const AssetReplaceOptions& options) {
  const auto path = (std::filesystem::path(options.directory) / kRegister).string();
  auto bytes = read_file(path);
  if (!bytes) return refuse(context, {bytes.error()});
  auto text = RegisterText::parse(*bytes, kRegister);
  if (!text) return refuse(context, text.error());
  const auto replaced = assets::replace_device(
      std::move(*text), {.old = options.old,
                         .mac = options.mac,
                         .serial = options.serial,
                         .ticket = options.ticket,
                         .day = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now())});
  if (!replaced) {
    print_problems(context, {replaced.error()});
    return bad_word(replaced.error()) ? kBadInput : kAnswerIsNo;
  }
  const auto shown = assets::difference(*bytes, replaced->text);
  if (!options.dry_run)
    if (const auto done = write_file(path, replaced->text, *bytes); !done) return refuse(context, {done.error()});
  for (const auto& notice : replaced->notices) tell_error(notice);
  if (context.json)
    print_line({{"id", replaced->id},
                {"difference", shown},
                {"written", options.dry_run ? Json(nullptr) : Json(path)},
                {"notices", replaced->notices}});
  else
    fmt::print("{}{}\n", shown, options.dry_run ? "Nothing was written." : "Written: " + path);
  return kFine;
}

}  // namespace wardline::cli
