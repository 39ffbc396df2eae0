#pragma once
#include <expected>
#include <optional>
#include <string>

#include "controlplane/policy/draft.h"

namespace wardline::policy {

// What the files of a policy say, without its signatures: for whoever reports what was decided (purposes, exceptions,
// sign-offs) and judges no packet. Read in milliseconds, where load() may have to compile.
struct StatedPolicy {
  std::string directory;
  std::string hash;                   // as Policy has it
  std::optional<std::string> commit;  // likewise
  PolicyDraft draft;                  // each value checked by itself, names not looked up
};

std::expected<StatedPolicy, Errors> read_stated(const std::string& directory);

}  // namespace wardline::policy
