#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "dataplane/error.h"

namespace wardline::cli {

// A whole file. Errors: file.unreadable.
Result<std::string> read_file(const std::string& path);

// In place of what is there, at once: who reads sees the former text or this one. The file's permissions stay. Where
// `former` is given, the file must still say that. Errors: file.changed, file.unwritable.
Result<void> write_file(const std::string& path, std::string_view text,
                        std::optional<std::string_view> former = std::nullopt);

}  // namespace wardline::cli
