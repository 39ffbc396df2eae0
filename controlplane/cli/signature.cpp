#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controlplane/cli/commands.h"
#include "controlplane/cli/files.h"
#include "controlplane/cli/import_ends.h"
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
  ImportNotes notes;
  for (const auto& outcome : import.outcomes) {
    if (!outcome.carried)
      fmt::print("{}:{}: sid {} not carried over: {}\n", rules, outcome.line, outcome.sid.empty() ? "?" : outcome.sid,
                 outcome.reason);
    else
      add_notes(notes, outcome.notes);
  }
  print_notes(notes);
  fmt::print("{} of {} rules carried over, {} refused, {} were commented out\n", import.carried(),
             import.outcomes.size(), import.outcomes.size() - import.carried(), import.disabled);
}

std::string text_of(const Import& import, const std::string& rules) {
  return fmt::format("# From {}, by `wardline signature import`: {} of {} rules.\n{}", name_of(rules), import.carried(),
                     import.outcomes.size(), import.yaml);
}

}  // namespace

ExitCode signature_import(const Context& context, const std::string& rules, const std::string& out) {
  const auto text = read_import(rules, "a file of Suricata or Snort rules", out);
  if (!text) return text.error();
  const auto import = wardline::signature_import::import_rules(*text, name_of(rules));
  if (import.outcomes.empty()) {
    tell_error(rules + ": there is no rule in it");
    return kBadInput;
  }
  print_report(context, import, rules);
  return end_import(import.carried(), out, text_of(import, rules));
}

}  // namespace wardline::cli
