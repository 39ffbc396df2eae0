// A database of fingerprints from outside. What comes of it must be a file that a policy's reader takes.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "controlplane/fingerprint_import/import.h"
#include "controlplane/policy/fingerprints.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto import = fingerprint_import::import_database(text, "lab.xml", std::nullopt);
  if (!import || import->yaml.empty()) return 0;
  Errors errors;
  std::vector<policy::DeviceFingerprint> read;
  const auto document = policy::YamlDocument::parse(import->yaml, "lab.yaml", errors);
  if (document) policy::read_fingerprints(document->root(), read);
  if (!errors.empty() || read.size() != import->fingerprints) std::abort();
  return 0;
}
