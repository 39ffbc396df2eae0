#pragma once
#include <optional>
#include <string>
#include <vector>

#include "controlplane/policy/draft.h"
#include "controlplane/policy/signatures.h"
#include "controlplane/policy/yaml_reader.h"

namespace wardline::policy {

// Bytes that a signature must or must not match, and how they come.
struct SignatureExample {
  bool must_match = true;
  std::string payload;
  std::uint16_t server_port = 0;                    // 0: none that any signature hints at
  std::optional<classify::Transport> transport;     // nullopt: every one of the signature
  std::optional<classify::Sender> sender;           // nullopt: every one of the signature
  std::optional<Word> app;                          // known already; nullopt: the first of the signature's `within`
  std::vector<std::pair<Word, std::string>> tells;  // devices: attribute and the value that must come out
  Location at;
};

// A part of what a device signature matched that becomes an attribute of the device.
struct CaptureDraft {
  std::string attribute;
  int group = 1;            // of the pattern; 0: all of it
  std::size_t pattern = 0;  // into SignatureEntry::patterns
  Location at;
};

// One entry of a file's `signatures:` or `detectors:` list, checked as far as it can be alone.
struct SignatureEntry {
  SignatureText text;
  classify::SignatureTraits traits;         // `app` and `within` are not set yet
  std::vector<classify::Pattern> patterns;  // `signature` is not set yet
  std::vector<Word> within;                 // applications
  std::vector<Word> carriers;               // applications: what this one is a kind of
  std::vector<SignatureExample> examples;
  std::vector<CaptureDraft> captures;                     // devices
  std::vector<std::pair<std::string, std::string>> sets;  // devices: attribute and value
  std::optional<detect::Detector> detector;               // behaviour: no patterns
  std::uint32_t count = 0, within_seconds = 0;            // behaviour
};

// Reads a file of signatures. Faults are in the document's errors; an entry that has some is still given, so that its
// patterns can be compiled and their faults come out too.
std::vector<SignatureEntry> read_signature_file(const YamlDocument& document);

// --- the parts of an entry, each in its own file ---

// signature_patterns.cpp: pattern, literal, patterns, match, offset, depth, caseless.
void read_patterns(YamlMap& map, SignatureEntry& entry);
// signature_examples.cpp
void read_examples(YamlMap& map, SignatureEntry& entry);
// signature_devices.cpp: captures, sets.
void read_device(YamlMap& map, SignatureEntry& entry);
// signature_detectors.cpp: an entry of `detectors:`.
SignatureEntry read_detector(const YamlValue& value);
// severity, technique, group, reference and action, of threats and detectors.
void read_weight_of_threat(YamlMap& map, SignatureEntry& entry);

// Calls `read` on each member of a list; a missing or empty one is reported.
template <typename Read>
void each_of(const YamlValue& value, std::string_view what, Read read) {
  const auto list = value.as_list();
  if (!list) return;
  if (list->size() == 0) value.error("signature.empty", "expected at least one " + std::string(what) + ", found none");
  for (std::size_t i = 0; i < list->size(); ++i) read((*list)[i]);
}

}  // namespace wardline::policy
