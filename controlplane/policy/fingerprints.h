#pragma once
#include <re2/re2.h>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controlplane/policy/yaml_reader.h"

namespace wardline::policy {

// What an observer told of a device.
struct Seen {
  std::string_view attribute, value;
};

// What kind of device shows itself by such values: fingerprints/NAME.yaml.
struct DeviceFingerprint {
  struct Condition {
    std::string attribute;
    std::shared_ptr<const re2::RE2> pattern;
  };

  std::string id, title, source;
  std::vector<Condition> when;                            // all; in the order of the file
  std::vector<std::pair<std::string, std::string>> sets;  // attribute and value; `\1`: a group of the first condition
  Location at;

  // What it says of a device of which all this was seen; nothing where a condition is not met.
  std::vector<std::pair<std::string, std::string>> told_by(std::span<const Seen> seen) const;
};

// Those of one policy. Immutable; any thread.
class DeviceFingerprints {
 public:
  DeviceFingerprints() = default;
  explicit DeviceFingerprints(std::vector<DeviceFingerprint> all);

  // Those with a condition on this attribute: what may be told anew when a value of it is seen.
  std::span<const std::size_t> asking(std::string_view attribute) const;
  const DeviceFingerprint& operator[](std::size_t number) const { return all_[number]; }
  std::span<const DeviceFingerprint> all() const { return all_; }

 private:
  std::vector<DeviceFingerprint> all_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_attribute_;
};

// Reads one file and runs its examples; reports to its document's errors.
void read_fingerprints(const YamlValue& root, std::vector<DeviceFingerprint>& into);
// Ids that stand twice, over all files.
void check_fingerprint_ids(const std::vector<DeviceFingerprint>& all, Errors& errors);

}  // namespace wardline::policy
