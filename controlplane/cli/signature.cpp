#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "controlplane/cli/commands.h"
#include "controlplane/cli/table.h"
#include "controlplane/signature_import/import.h"

namespace wardline::cli {
namespace {

using signature_import::Import;
using signature_import::Outcome;

Json record_of(const Outcome& outcome) {
  return {{"type", "rule"},
          {"line", outcome.line},
          {"sid", outcome.sid.empty() ? Json(nullptr) : Json(outcome.sid)},
          {"title", outcome.title},
          {"carried", outcome.carried},
          {"reason", outcome.reason.empty() ? Json(nullptr) : Json(outcome.reason)},
          {"notes", outcome.notes}};
}

void print_report(const Context& context, const Import& import, const std::string& rules) {
  if (context.json) {
    for (const auto& outcome : import.outcomes) print_line(record_of(outcome));
    print_line({{"type", "summary"},
                {"rules", import.outcomes.size()},
                {"carried", import.carried()},
                {"refused", import.outcomes.size() - import.carried()},
                {"disabled", import.disabled}});
    return;
  }
  std::map<std::string, std::size_t> notes;
  for (const auto& outcome : import.outcomes) {
    if (!outcome.carried)
      fmt::print("{}:{}: sid {} not carried over: {}\n", rules, outcome.line, outcome.sid.empty() ? "?" : outcome.sid,
                 outcome.reason);
    else
      for (const auto& note : outcome.notes) ++notes[note];
  }
  for (const auto& [note, count] : notes) fmt::print("{} carried over with this: {}\n", count, note);
  fmt::print("{} of {} rules carried over, {} refused, {} were commented out\n", import.carried(),
             import.outcomes.size(), import.outcomes.size() - import.carried(), import.disabled);
}

bool write_signatures(const Import& import, const std::string& rules, const std::string& out) {
  std::ofstream file(out, std::ios::binary | std::ios::trunc);
  file << "# From " << std::filesystem::path(rules).filename().string()
       << ", by `wardline signature import`: " << import.carried() << " of " << import.outcomes.size() << " rules.\n"
       << import.yaml;
  return static_cast<bool>(file.flush());
}

}  // namespace

ExitCode signature_import(const Context& context, const std::string& rules, const std::string& out) {
  std::ifstream file(rules, std::ios::binary);
  if (!file || std::filesystem::is_directory(rules)) {
    tell_error(rules + ": expected a file of Suricata or Snort rules that can be read");
    return kBadInput;
  }
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto import = wardline::signature_import::import_rules(text, std::filesystem::path(rules).filename().string());
  if (import.outcomes.empty()) {
    tell_error(rules + ": there is no rule in it");
    return kBadInput;
  }
  print_report(context, import, rules);
  if (import.carried() == 0) return kAnswerIsNo;
  if (!out.empty() && !write_signatures(import, rules, out)) {
    tell_error(out + ": cannot be written");
    return kBadInput;
  }
  return kFine;
}

}  // namespace wardline::cli
