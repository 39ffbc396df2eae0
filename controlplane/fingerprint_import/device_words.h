#pragma once
#include <string>
#include <string_view>

namespace wardline::fingerprint_import {

// Our `kind` for a word that a database has for a device, whatever its case; "" where none fits. None of them is of a
// life-critical class.
std::string_view kind_of(std::string_view word);

// `text` with what RE2 takes for an operator escaped.
std::string literal(std::string_view text);

}  // namespace wardline::fingerprint_import
