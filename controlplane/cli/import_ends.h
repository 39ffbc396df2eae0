#pragma once
#include <cstddef>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/cli/exit_code.h"

// How every import of what others wrote (signatures, fingerprints) begins and ends. Problems are told on stderr.
namespace wardline::cli {

// The text of `file`, which `expected` says what it should be; kBadInput where it cannot be read, or where `out` is
// there already.
std::expected<std::string, ExitCode> read_import(const std::string& file, std::string_view expected,
                                                 const std::string& out);

// What was left out of what was carried over, each note once with its number.
using ImportNotes = std::map<std::string, std::size_t>;
void add_notes(ImportNotes& notes, const std::vector<std::string>& of_one);
void print_notes(const ImportNotes& notes);

// Writes `text` to `out`, unless that is "". kAnswerIsNo where nothing was carried over, and nothing is written then.
ExitCode end_import(std::size_t carried, const std::string& out, std::string_view text);

}  // namespace wardline::cli
