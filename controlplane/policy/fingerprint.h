#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/error.h"

namespace wardline::policy {

// The files that make up the policy in a directory, relative, sorted. Stray files that look like policy (a class in the
// wrong folder, a .yml) are reported: they would silently do nothing.
std::vector<std::string> policy_files(const std::string& directory, Errors& errors);

// How large a file of the policy may be.
std::size_t most_bytes(std::string_view file);

// SHA-256 over each file's path, length and bytes, in the order given. A file that cannot be read counts as empty.
std::array<std::uint8_t, 32> fingerprint(const std::string& directory, const std::vector<std::string>& files);
std::string hex(const std::array<std::uint8_t, 32>& digest);

// HEAD of the work tree that the directory lies in, "-dirty" when one of its YAML files differs from it; nullopt
// outside git.
std::optional<std::string> commit_of(const std::string& directory);

}  // namespace wardline::policy
