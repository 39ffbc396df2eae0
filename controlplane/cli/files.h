#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "dataplane/error.h"

namespace wardline::cli {

// A whole file. Errors: file.unreadable.
Result<std::string> read_file(const std::string& path);

// In place of what is there, at once and for good: who reads sees the former text or this one, also after a loss of
// power. The file's owner, group and permissions stay; where they cannot, nothing is written. Where `former` is given,
// the file must still say that. Errors: file.changed, file.unwritable.
Result<void> write_file(const std::string& path, std::string_view text,
                        std::optional<std::string_view> former = std::nullopt);

// For what is to be a new file: nothing that is there is lost. "" is none. Errors: file.there.
Result<void> expect_absent(const std::string& path);

// The last part of a path, as messages name a file.
std::string name_of(const std::string& path);

}  // namespace wardline::cli
