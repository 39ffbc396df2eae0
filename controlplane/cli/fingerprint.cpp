#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controlplane/cli/commands.h"
#include "controlplane/cli/files.h"
#include "controlplane/cli/import_ends.h"
#include "controlplane/cli/table.h"
#include "controlplane/fingerprint_import/import.h"

namespace wardline::cli {
namespace {

using wardline::fingerprint_import::Import;
using wardline::fingerprint_import::Outcome;

Json record_of(const Outcome& outcome) {
  return {{"type", "entry"},
          {"line", outcome.line},
          {"title", outcome.title},
          {"carried", outcome.carried},
          {"reason", outcome.reason.empty() ? Json(nullptr) : Json(outcome.reason)},
          {"notes", outcome.notes}};
}

void print_report(const Context& context, const Import& import, const std::string& database) {
  const auto refused = import.outcomes.size() - import.carried();
  if (context.json) {
    for (const auto& outcome : import.outcomes) print_line(record_of(outcome));
    print_line({{"type", "summary"},
                {"format", wardline::fingerprint_import::word_of(import.format)},
                {"entries", import.outcomes.size()},
                {"carried", import.carried()},
                {"refused", refused},
                {"fingerprints", import.fingerprints}});
    return;
  }
  ImportNotes notes;
  for (const auto& outcome : import.outcomes) {
    if (!outcome.carried)
      fmt::print("{}:{}: {} not carried over: {}\n", database, outcome.line, outcome.title, outcome.reason);
    else
      add_notes(notes, outcome.notes);
  }
  print_notes(notes);
  fmt::print("{} of {} entries carried over as {} fingerprints, {} refused\n", import.carried(), import.outcomes.size(),
             import.fingerprints, refused);
}

std::string text_of(const Import& import, const std::string& database) {
  return fmt::format("# From {}, by `wardline fingerprint import`: {} of {} entries.\n{}", name_of(database),
                     import.carried(), import.outcomes.size(), import.yaml);
}

}  // namespace

ExitCode fingerprint_import(const Context& context, const std::string& database, const std::string& format,
                            const std::string& out) {
  const auto text = read_import(database, "a file of fingerprints (Satori, Recog, p0f)", out);
  if (!text) return text.error();
  const auto import = wardline::fingerprint_import::import_database(*text, name_of(database),
                                                                    wardline::fingerprint_import::format_of(format));
  if (!import) {
    tell_error(import.error().text());
    return kBadInput;
  }
  print_report(context, *import, database);
  return end_import(import->carried(), out, text_of(*import, database));
}

}  // namespace wardline::cli
