#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dataplane/error.h"

namespace wardline::policy {

// Where something stands in a policy; lines and columns count from 1.
struct Location {
  std::string file;  // relative to the policy directory: "classes/infusion-pump.yaml"
  int line = 0, column = 0;
  std::string text() const;       // "classes/infusion-pump.yaml:14:22"
  std::string line_text() const;  // "classes/infusion-pump.yaml:14", as records give it
};

class YamlMap;
class YamlList;
struct YamlNode;  // yaml_node.h, private to the reader

// A value of a strict YAML document: scalars are taken literally, so that `010`, `yes`, an unquoted MAC (a base-60
// number to YAML), date or clock time are refused instead of read as something else. A YAML library
// would let keys stand twice and read `yes` as true and 010 as 8.
//
// Every as_*() reports what was expected and found to the document's errors and gives nullopt; reading goes on, so all
// problems of a file come out at once. The `Errors` given to the document must outlive its values.
class YamlValue {
 public:
  YamlValue() = default;
  explicit operator bool() const { return node_ != nullptr; }  // present
  Location at() const;

  std::optional<std::string> as_text(std::size_t max_bytes = 1024) const;  // any scalar, quoted or plain
  std::optional<std::string> as_quoted(std::string_view what) const;       // "a MAC", "a date": quotes are required
  std::optional<std::string> as_name() const;                              // [a-z0-9][a-z0-9_.-]*, at most 64
  std::optional<std::int64_t> as_number(std::int64_t low, std::int64_t high, std::string_view what) const;
  std::optional<bool> as_bool() const;                           // true | false, nothing else
  std::optional<std::chrono::milliseconds> as_duration() const;  // 60s, 4h, 31d, 500ms; unit required
  // One of the words; the error lists them and names the nearest.
  std::optional<std::size_t> as_word(std::initializer_list<std::string_view> words) const;
  std::optional<std::size_t> as_one_of(std::span<const std::string_view> words) const;  // the same, from a table
  std::optional<std::uint32_t> as_size() const;  // 2048B, 64KiB, 1MiB; unit required
  std::optional<YamlMap> as_map() const;
  std::optional<YamlList> as_list() const;
  bool is_list() const;
  bool is_map() const;
  bool is_scalar() const;
  std::string raw() const;  // the scalar as written, "" for others; for messages

  void error(std::string code, std::string what) const;  // reports at this place

 private:
  friend class YamlMap;
  friend class YamlList;
  friend class YamlDocument;
  explicit YamlValue(std::shared_ptr<const YamlNode> node) : node_(std::move(node)) {}
  std::shared_ptr<const YamlNode> node_;
};

// A map whose keys are asked for one by one. finish() reports every key that was not asked for, with the nearest
// known one. A key that stands twice was reported when the file was parsed; the first value is the one that is read.
class YamlMap {
 public:
  YamlValue get(std::string_view key);      // absent: an empty YamlValue
  YamlValue require(std::string_view key);  // absent: reported
  // For maps with free keys (roles, zones): each key and value once.
  void each(const std::function<void(const std::string& key, const Location& key_at, const YamlValue& value)>& visit);
  void finish();
  Location at() const;

 private:
  friend class YamlValue;
  YamlValue self_;
  std::vector<std::string> asked_;
};

class YamlList {
 public:
  std::size_t size() const;
  YamlValue operator[](std::size_t index) const;

 private:
  friend class YamlValue;
  YamlValue self_;
};

inline constexpr std::size_t kMostFileBytes = 1u << 20;
inline constexpr std::size_t kMostRegisterBytes = 16u << 20;  // devices.yaml: some 80,000 devices

// One file, parsed. At most `most` bytes, 64 levels and one document; UTF-8 without tabs; no aliases, anchors or tags.
// A file must end with a newline, so that one that was cut off is noticed.
class YamlDocument {
 public:
  // `shown` is the name used in locations. An empty file, a directory, a file too large or not YAML is reported.
  static std::optional<YamlDocument> load(const std::string& path, const std::string& shown, Errors& errors,
                                          std::size_t most = kMostFileBytes);
  static std::optional<YamlDocument> parse(std::string text, const std::string& shown, Errors& errors,
                                           std::size_t most = kMostFileBytes);
  YamlValue root() const;

 private:
  YamlValue root_;
};

// The candidate with the smallest edit distance, if near enough to be what was meant; else "".
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace wardline::policy
