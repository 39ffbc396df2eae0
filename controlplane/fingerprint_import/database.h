#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/fingerprint_import/entry.h"
#include "dataplane/error.h"

namespace wardline::fingerprint_import {

enum class Format : std::uint8_t { kSatori, kRecog, kP0f };

std::string_view word_of(Format format);  // satori, recog, p0f, as --format has it
std::optional<Format> format_of(std::string_view word);

struct Database {
  Format format = Format::kP0f;
  std::vector<Entry> entries;  // in the order of the file
};

// At most 4 MiB and 50,000 entries of UTF-8. Which format it is shows in the file; `expected` refuses any other. `file`
// names it in errors.
Result<Database> read_database(const std::string& text, const std::string& file, std::optional<Format> expected);

}  // namespace wardline::fingerprint_import
