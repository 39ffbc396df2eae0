#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "controlplane/cli/commands.h"
#include "controlplane/cli/files.h"
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

std::string text_of(const Import& import, const std::string& rules) {
  return fmt::format("# From {}, by `wardline signature import`: {} of {} rules.\n{}", name_of(rules), import.carried(),
                     import.outcomes.size(), import.yaml);
}

}  // namespace

ExitCode signature_import(const Context& context, const std::string& rules, const std::string& out) {
  if (const auto absent = expect_absent(out); !absent) {
    tell_error(absent.error().text());
    return kBadInput;
  }
  std::ifstream file(rules, std::ios::binary);
  if (!file || std::filesystem::is_directory(rules)) {
    tell_error(rules + ": expected a file of Suricata or Snort rules that can be read");
    return kBadInput;
  }
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto import = wardline::signature_import::import_rules(text, name_of(rules));
  if (import.outcomes.empty()) {
    tell_error(rules + ": there is no rule in it");
    return kBadInput;
  }
  print_report(context, import, rules);
  if (import.carried() == 0) return kAnswerIsNo;
  if (out.empty()) return kFine;
  if (const auto written = write_file(out, text_of(import, rules)); !written) {
    tell_error(written.error().text());
    return kBadInput;
  }
  return kFine;
}

}  // namespace wardline::cli
