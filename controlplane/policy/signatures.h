#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/policy/capture.h"
#include "controlplane/policy/yaml_reader.h"
#include "dataplane/classify/classifier.h"
#include "dataplane/enforce/snapshot.h"

namespace wardline::policy {

// A signature as people know it; by SignatureId.
struct SignatureText {
  std::string id;                       // "dicom-associate-rq"
  std::string application;              // set for applications
  std::string threat;                   // set for threats and behaviour: a title
  std::string device;                   // set for what tells of a device: a title
  std::string detector;                 // set for behaviour: port_scan ...
  std::string severity;                 // info | low | medium | high | critical
  std::string technique;                // MITRE ATT&CK id, may be empty
  std::vector<std::string> groups;      // of threats: worm, exploit ...
  std::vector<std::string> references;  // CVE-2017-0144, https://...
  // What the author would do where no `detections:` of the policy speaks.
  std::optional<enforce::DetectionAction> action;
  std::string source;
  Location at;
};

// All signatures of a policy: names, and what the dataplane compiles. Numbers are given to applications and threats in
// path order, then to behaviour, which has no patterns. Device signatures have no number: the control plane asks them.
struct SignatureSet {
  std::vector<SignatureText> texts;  // by SignatureId
  std::vector<classify::Pattern> patterns;
  std::vector<classify::SignatureTraits> traits;  // by SignatureId
  std::vector<std::string> app_names;             // by AppId; [0] = "unknown"; built-in ones (icmp ...) first;
                                                  // a name keeps its number while the process lives
  std::vector<enforce::AppTraits> app_traits;     // by AppId
  std::vector<std::string> app_protos;            // by AppId: "tcp", "udp", "tcp udp", "icmp" ...
  enforce::KnownApps known;
  std::array<AppId, 256> apps_by_proto{};
  detect::Settings detectors{};
  std::shared_ptr<classify::DatabaseSet> databases;  // compiled, for `workers` workers
  std::shared_ptr<const DeviceSignatures> devices;   // null: none
  std::vector<SignatureText> device_texts;
  std::chrono::milliseconds examples_took{0};

  std::optional<AppId> app(std::string_view name) const;
};

// Reads folder/**.yaml in path order, runs every signature's own examples, compiles. Problems go to `errors`.
// `shown_prefix` stands before file names in locations ("signatures/").
SignatureSet load_signatures(const std::string& folder, const std::string& shown_prefix,
                             const std::string& cache_folder, std::size_t workers, Errors& errors);

}  // namespace wardline::policy
