#pragma once
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dataplane/classify/classifier.h"
#include "dataplane/error.h"

namespace re2 {
class RE2;
}

namespace wardline::policy {

// A device signature ready to be asked. Hyperscan says that it matched; the expressions here, which run in time linear
// to the bytes, then say which part.
struct DeviceSignature {
  struct Capture {
    std::string attribute;
    std::shared_ptr<const re2::RE2> expression;
    int group = 1;
  };
  std::string id;
  std::vector<std::pair<std::string, std::string>> sets;  // attribute, value
  std::vector<Capture> captures;
};

// All device signatures of a policy. Immutable. Asked by one thread, the control plane's: never by a worker.
class DeviceSignatures {
 public:
  static constexpr std::size_t kMaxBytes = 2048;  // what is looked at of what is given
  struct Told {
    std::string id, attribute, value;  // of the device as its bytes have it: not yet cleaned
  };

  // `databases` numbers its signatures like `signatures`, each a threat, and is prepared for one worker.
  DeviceSignatures(std::shared_ptr<const classify::DatabaseSet> databases, std::vector<DeviceSignature> signatures)
      : databases_(std::move(databases)), signatures_(std::move(signatures)) {}

  std::vector<Told> ask(classify::ScanInput input) const;
  // Whether one signature matches, by its place.
  bool matches(std::size_t signature, const classify::ScanInput& input) const;
  std::size_t size() const { return signatures_.size(); }

 private:
  std::shared_ptr<const classify::DatabaseSet> databases_;
  std::vector<DeviceSignature> signatures_;
};

// The expression of a pattern for the second step: bytes are Latin-1, `.` is any byte.
Result<std::shared_ptr<const re2::RE2>> capture_expression(const classify::Pattern& pattern, int group);

}  // namespace wardline::policy
