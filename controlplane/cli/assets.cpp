#include <fmt/format.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "controlplane/assets/devices_in.h"
#include "controlplane/assets/merge.h"
#include "controlplane/assets/replace.h"
#include "controlplane/cli/commands.h"
#include "controlplane/cli/files.h"
#include "controlplane/policy/stated.h"

namespace wardline::cli {
namespace {

using assets::Merged;
using assets::Outcome;
using assets::RegisterText;

constexpr const char* kRegister = "devices.yaml";

std::string name_of(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

// The devices of the export; every problem of it and of its map goes to `errors`.
std::vector<policy::RegisterEntry> read_devices(const AssetImportOptions& options, const assets::KnownNames& known,
                                                Errors& errors) {
  const auto keys = assets::asset_keys();
  constexpr std::array<std::string_view, 1> kRequired{"id"};
  const auto map = policy::YamlDocument::load(options.map, name_of(options.map), errors);
  if (!map) return {};
  const auto columns = assets::read_column_map(map->root(), keys, kRequired);
  const auto bytes = read_file(options.export_file);
  if (!bytes) errors.push_back(bytes.error());
  if (!bytes || !errors.empty()) return {};
  const auto table = assets::read_csv(*bytes, name_of(options.export_file), errors);
  if (!table) return {};
  const auto mapped = assets::MappedTable::bind(columns, *table, errors);
  return mapped ? assets::devices_in(*mapped, known, errors) : std::vector<policy::RegisterEntry>{};
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
          {"outcome", assets::text_of(merged.outcome)},
          {"changes", std::move(changes)}};
}

void print_merged(const Context& context, const std::vector<Merged>& merged) {
  for (const auto& each : merged) {
    if (context.json) {
      print_line(record_of(each));
    } else if (each.outcome != Outcome::kLeft) {
      std::string changes;
      for (const auto& [key, before, after] : each.changes)
        changes += fmt::format("{}{} '{}' -> '{}'", changes.empty() ? ": " : ", ", key, before, after);
      fmt::print("{} {} ({}){}\n", assets::text_of(each.outcome), each.id, each.at.line_text(), changes);
    }
  }
}

void print_refused(const Context& context, const Errors& errors) {
  for (const auto& error : errors) {
    if (context.json)
      print_line({{"type", "problem"}, {"code", error.code}, {"where", error.where}, {"what", error.what}});
    else
      fmt::print("refused {}\n", error.text());
  }
}

// `written` "": nothing was.
void print_summary(const Context& context, const Count& count, std::size_t problems, std::size_t not_in_export,
                   const std::string& written) {
  if (context.json) {
    print_line({{"type", "summary"},
                {"added", count.added},
                {"changed", count.changed},
                {"left", count.left},
                {"problems", problems},
                {"not_in_export", not_in_export},
                {"written", written.empty() ? Json(nullptr) : Json(written)}});
    return;
  }
  fmt::print(
      "{} added, {} changed, {} left as they are, {} problem{}; {} of the register are not in the export and "
      "stay\n",
      count.added, count.changed, count.left, problems, problems == 1 ? "" : "s", not_in_export);
  fmt::print("{}\n", written.empty() ? "Nothing was written." : "Written: " + written);
}

// Beside a register that cannot be changed safely: the export alone, as a register of its own, for a person to merge.
ExitCode write_apart(const std::string& register_file, const std::vector<policy::RegisterEntry>& devices,
                     const Error& why) {
  auto apart = RegisterText::parse("", kRegister);
  for (const auto& device : devices) apart->append(device);
  const auto text = apart->finish();
  const auto path = register_file + ".imported";
  if (const auto done = text ? write_file(path, *text) : Result<void>(std::unexpected(text.error())); !done) {
    tell_error(done.error().text());
    return kBadInput;
  }
  tell_error(
      fmt::format("{}; {} stays as it is, and the devices of the export are in {}", why.text(), register_file, path));
  return kAnswerIsNo;
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

}  // namespace

ExitCode asset_import(const Context& context, const AssetImportOptions& options) {
  std::error_code fault;
  if (!options.out.empty() && std::filesystem::exists(options.out, fault)) {
    tell_error(options.out + ": is there already; name a new file, or merge with --into");
    return kBadInput;
  }
  const auto known = names_beside(options.into);
  if (!known) return refuse(context, known.error());
  auto text = open_register(options.into);
  if (!text) return refuse(context, text.error());
  const auto before = text->entries().size();
  Errors errors;
  const auto devices = read_devices(options, *known, errors);
  const auto merged = assets::merge(devices, *text, errors);
  const auto count = count_of(merged);
  print_merged(context, merged);
  print_refused(context, errors);
  const auto target = options.into.empty() ? options.out : options.into;
  const bool write = !target.empty() && !options.dry_run && errors.empty() && count.added + count.changed != 0;
  const auto changed = text->finish();
  if (!changed && errors.empty() && !options.into.empty())
    return write ? write_apart(options.into, devices, changed.error()) : refuse(context, {changed.error()});
  if (write)
    if (const auto done =
            changed ? write_file(target, *changed, text->before()) : Result<void>(std::unexpected(changed.error()));
        !done)
      return refuse(context, {done.error()});
  print_summary(context, count, errors.size(), before - count.changed - count.left, write ? target : "");
  return errors.empty() ? kFine : kAnswerIsNo;
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
    return kAnswerIsNo;
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
