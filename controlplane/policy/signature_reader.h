#pragma once
#include <optional>
#include <string>
#include <vector>

#include "controlplane/policy/signatures.h"
#include "controlplane/policy/yaml_reader.h"

namespace wardline::policy {

// Bytes that a signature must or must not match, and how they come.
struct SignatureExample {
  bool must_match = true;
  std::string payload;
  std::uint16_t server_port = 0;                 // 0: none that any signature hints at
  std::optional<classify::Transport> transport;  // nullopt: every one of the signature
  std::optional<classify::Sender> sender;        // nullopt: every one of the signature
  Location at;
};

// One entry of a file's `signatures:` list, checked as far as it can be alone.
struct SignatureEntry {
  SignatureText text;
  classify::SignatureTraits traits;         // `app` is not set yet
  std::vector<classify::Pattern> patterns;  // `signature` is not set yet
  std::vector<SignatureExample> examples;
};

// Reads a file of signatures. Faults are in the document's errors; an entry that has some is still given, so that its
// patterns can be compiled and their faults come out too.
std::vector<SignatureEntry> read_signature_file(const YamlDocument& document);

}  // namespace wardline::policy
