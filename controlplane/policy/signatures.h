#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/policy/yaml_reader.h"
#include "dataplane/classify/classifier.h"
#include "dataplane/enforce/snapshot.h"

namespace wardline::policy {

// A signature as people know it; by SignatureId.
struct SignatureText {
  std::string id;           // "dicom-associate-rq"
  std::string application;  // set for applications
  std::string threat;       // set for threats: a title
  std::string severity;     // info | low | medium | high | critical
  std::string technique;    // MITRE ATT&CK id, may be empty
  bool drops = false;       // a threat that condemns the flow
  std::string source;
  Location at;
};

// All signatures of a policy: names, and what the dataplane compiles.
struct SignatureSet {
  std::vector<SignatureText> texts;  // by SignatureId
  std::vector<classify::Pattern> patterns;
  std::vector<classify::SignatureTraits> traits;  // by SignatureId
  std::vector<std::string> app_names;             // by AppId; [0] = "unknown"; built-in ones (icmp ...) first;
                                                  // a name keeps its number while the process lives
  std::vector<enforce::AppTraits> app_traits;     // by AppId
  std::vector<std::string> app_protos;            // by AppId: "tcp", "udp", "tcp udp", "icmp" ...
  enforce::KnownApps known;
  std::shared_ptr<classify::DatabaseSet> databases;  // compiled, for `workers` workers

  std::optional<AppId> app(std::string_view name) const;
};

// Reads folder/**.yaml in path order, runs every signature's own examples, compiles. Problems go to `errors`.
// `shown_prefix` stands before file names in locations ("signatures/").
SignatureSet load_signatures(const std::string& folder, const std::string& shown_prefix,
                             const std::string& cache_folder, std::size_t workers, Errors& errors);

}  // namespace wardline::policy
