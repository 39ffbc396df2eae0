#include "controlplane/cli/import_ends.h"

#include <fmt/format.h>

#include "controlplane/cli/answers.h"
#include "controlplane/cli/files.h"

namespace wardline::cli {

std::expected<std::string, ExitCode> read_import(const std::string& file, std::string_view expected,
                                                 const std::string& out) {
  if (const auto absent = expect_absent(out); !absent) {
    tell_error(absent.error().text());
    return std::unexpected(kBadInput);
  }
  auto text = read_file(file);
  if (!text) {
    tell_error(fmt::format("{}: expected {} that can be read", file, expected));
    return std::unexpected(kBadInput);
  }
  return std::move(*text);
}

void add_notes(ImportNotes& notes, const std::vector<std::string>& of_one) {
  for (const auto& note : of_one) ++notes[note];
}

void print_notes(const ImportNotes& notes) {
  for (const auto& [note, count] : notes) fmt::print("{} carried over with this: {}\n", count, note);
}

ExitCode end_import(std::size_t carried, const std::string& out, std::string_view text) {
  if (carried == 0) return kAnswerIsNo;
  if (out.empty()) return kFine;
  if (const auto written = write_file(out, text); !written) {
    tell_error(written.error().text());
    return kBadInput;
  }
  return kFine;
}

}  // namespace wardline::cli
