#include "tests/unit/captures.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace wardline::test {

namespace fs = std::filesystem;

fs::path captures() {
  const char* const given = std::getenv("WARDLINE_SHARED");
  const fs::path folder =
      (given != nullptr ? fs::path(given) : fs::path(WARDLINE_SOURCE_ROOT) / "../shared") / "captures";
  return fs::is_directory(folder) ? folder : fs::path();
}

std::vector<fs::path> captures_in(const std::string& folder) {
  std::vector<fs::path> found;
  if (captures().empty()) return found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(captures() / folder)) {
    const std::string extension = entry.path().extension();
    if (extension == ".pcap" || extension == ".pcapng") found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

std::vector<std::string> capture_facts() {
  std::vector<std::string> lines;
  if (captures().empty()) return lines;
  for (const fs::directory_entry& entry : fs::directory_iterator(captures() / "facts")) {
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) lines.push_back(line);
  }
  return lines;
}

}  // namespace wardline::test
