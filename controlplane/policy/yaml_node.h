#pragma once
#include <memory>
#include <string>
#include <vector>

#include "controlplane/policy/yaml_reader.h"

namespace wardline::policy {

// Where the values of one document report to. At most kMaxErrors, so that a file of garbage stays readable.
struct YamlReport {
  static constexpr std::size_t kMaxErrors = 100;
  std::string file;
  Errors* errors = nullptr;
  std::size_t reported = 0;

  void add(const Location& at, std::string code, std::string what);
};

// A parsed value. Immutable once the document is read; at most 64 levels deep, so recursion over it is bounded.
struct YamlNode {
  enum class Kind { kNothing, kScalar, kList, kMap };
  struct Entry {
    std::string key;
    Location key_at;
    std::shared_ptr<const YamlNode> value;
  };

  Kind kind = Kind::kNothing;
  bool quoted = false;
  std::string text;                                    // scalars
  std::vector<std::shared_ptr<const YamlNode>> items;  // lists
  std::vector<Entry> entries;                          // maps, in file order; no key twice
  int line = 0, column = 0;
  std::shared_ptr<YamlReport> report;

  Location at() const { return {report->file, line, column}; }
  std::string described() const;  // "a list", "text 'yes'": for "expected ..., found ..."
};

}  // namespace wardline::policy
