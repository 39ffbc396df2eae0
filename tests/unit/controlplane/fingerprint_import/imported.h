#pragma once
#include <string>

#include "controlplane/fingerprint_import/import.h"

namespace wardline::fingerprint_import {

// The import of a text that must be a database; an empty one where it is none.
inline Import imported(const std::string& text, const std::string& file) {
  auto import = import_database(text, file, std::nullopt);
  return import ? std::move(*import) : Import{};
}

// Why the only entry of a text is refused; "carried" where it is not.
inline std::string reason_of(const std::string& text, const std::string& file) {
  const auto import = imported(text, file);
  if (import.outcomes.size() != 1) return "no single entry";
  return import.outcomes[0].carried ? "carried" : import.outcomes[0].reason;
}

}  // namespace wardline::fingerprint_import
