#include "controlplane/fingerprint_import/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "controlplane/fingerprint_import/agreement.h"
#include "controlplane/fingerprint_import/yaml_text.h"
#include "controlplane/inventory/text.h"
#include "controlplane/policy/fingerprints.h"

namespace wardline::fingerprint_import {
namespace {

constexpr std::size_t kMaxTitle = 120, kMaxReason = 512;
constexpr std::size_t kMaxYaml = (1U << 20U) - 4096;  // a policy's file has at most 1 MiB

// The texts of a file that come into ours: valid UTF-8 that moves no cursor and breaks no line.
bool fit_for_yaml(const Fingerprint& told) {
  const auto fit = [](const std::string& text) {
    const auto edged = "|" + text + "|";  // blanks at the ends of a pattern count
    return inventory::clean_text(edged, edged.size()) == edged;
  };
  return fit(told.pattern) && std::ranges::all_of(told.examples, fit) &&
         std::ranges::all_of(told.sets, [&](const auto& each) { return fit(each.second); });
}

// What the reader of policies says of the entry; "" when nothing is wrong with it.
std::string fault_of(const std::string& yaml) {
  Errors errors;
  std::vector<policy::DeviceFingerprint> read;
  if (const auto document = policy::YamlDocument::parse("fingerprints:\n" + yaml, "import", errors))
    policy::read_fingerprints(document->root(), read);
  return errors.empty() ? "" : errors.front().what;
}

// Names, sources and the file that comes of them.
class Writer {
 public:
  Writer(Format format, const std::string& file) : file_(file) {
    const auto stem = std::filesystem::path(file).stem().string();
    before_ = stem == word_of(format) ? stem : fmt::format("{} {}", word_of(format), stem);
  }

  // The error says why the fingerprint cannot stand in a policy.
  std::expected<void, std::string> add(const Fingerprint& told, const std::string& title, std::uint32_t line) {
    if (!fit_for_yaml(told)) return std::unexpected("its text holds what is no UTF-8 or cannot be shown");
    const auto id = unused(id_of(before_, title));
    auto shown = told;
    for (auto& note : shown.notes) note = inventory::clean_text(note);
    const auto yaml = yaml_of(shown, id, title, fmt::format("{} line {}", inventory::clean_text(file_), line));
    if (auto fault = fault_of(yaml); !fault.empty()) return std::unexpected(std::move(fault));
    if (text_.size() + yaml.size() > kMaxYaml)
      return std::unexpected("a file of fingerprints has no room for more: import the database in parts");
    text_ += text_.empty() ? "fingerprints:\n" + yaml : yaml;
    ids_.insert(id);
    return {};
  }

  std::size_t count() const { return ids_.size(); }
  std::string take() { return std::move(text_); }

 private:
  std::string unused(const std::string& id) {
    std::string tried = id;
    for (auto& number = last_numbers_[id]; ids_.contains(tried); ++number) tried = fmt::format("{}-{}", id, number + 2);
    return tried;
  }

  std::string file_, before_, text_;
  std::set<std::string> ids_;
  std::map<std::string, std::size_t> last_numbers_;
};

Outcome refused(const Entry& entry) {
  const auto title = inventory::clean_text(entry.title, kMaxTitle);
  const auto why = entry.told ? std::string() : inventory::clean_text(entry.told.error(), kMaxReason);
  return {
      .line = entry.line, .title = title.empty() ? "untitled" : title, .carried = false, .reason = why, .notes = {}};
}

void carry(const SameValue& group, const std::vector<Entry>& entries, Writer& writer, Import& import) {
  const auto front = group.entries.front();
  const auto line = entries[front].line;
  std::expected<void, std::string> written;
  if (group.told)
    written = writer.add(*group.told, import.outcomes[front].title, line);
  else
    written = std::unexpected(group.told.error());
  for (const auto place : group.entries) {
    auto& outcome = import.outcomes[place];
    outcome.carried = written.has_value();
    if (!written)
      outcome.reason = inventory::clean_text(written.error(), kMaxReason);
    else if (place == front)
      for (const auto& note : group.told->notes) outcome.notes.push_back(inventory::clean_text(note));
    else
      outcome.notes = {"one fingerprint with another entry of the same value"};
  }
}

}  // namespace

std::size_t Import::carried() const {
  return static_cast<std::size_t>(std::ranges::count_if(outcomes, &Outcome::carried));
}

Result<Import> import_database(const std::string& text, const std::string& file, std::optional<Format> expected) {
  const auto database = read_database(text, file, expected);
  if (!database) return std::unexpected(database.error());
  Import import;
  import.format = database->format;
  for (const auto& entry : database->entries) import.outcomes.push_back(refused(entry));
  Writer writer(database->format, file);
  for (const auto& group : same_values(database->entries)) carry(group, database->entries, writer, import);
  import.fingerprints = writer.count();
  import.yaml = writer.take();
  return import;
}

}  // namespace wardline::fingerprint_import
