#pragma once
#include <optional>
#include <span>
#include <string>

#include "controlplane/policy/signature_reader.h"

namespace wardline::policy {

// "hex: 01 00*4 ff" (two digits a byte, *N repeats it) or text with \r \n \t \0 \\ and \xNN. nullopt: neither.
std::optional<std::string> decode_payload(const std::string& written);

// Scans every example of every entry (by SignatureId) with all signatures loaded. A must-match example of an
// application must yield it as the winner, one of a threat must raise it; others must not. What differs goes to
// `errors`.
void check_examples(std::span<const SignatureEntry> entries, const SignatureSet& set, Errors& errors);

// The same for device signatures, by their place: what an example says of its captures must come out.
void check_device_examples(std::span<const SignatureEntry> entries, const SignatureSet& set, Errors& errors);

}  // namespace wardline::policy
