#pragma once
#include <cstddef>
#include <expected>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/policy/policy.h"

namespace wardline::assets {

// The text of a devices.yaml, changed where an entry says something else and nowhere else: comments, order and
// everything that a person wrote stay. The changed text is read back, and given only if it says exactly what was meant.
class RegisterText {
 public:
  // `shown`: the file's name in messages. An empty text is a register without entries.
  static std::expected<RegisterText, Errors> parse(std::string text, const std::string& shown);

  // In the order of the file.
  std::span<const policy::RegisterEntry> entries() const { return entries_; }

  // Entries by their number, from 0. What the text has no place for is told by finish().
  void set(std::size_t entry, std::string_view key, const std::string& value, bool is_name);
  void add_mac(std::size_t entry, const Mac& mac);
  void replace_mac(std::size_t entry, const Mac& old, const Mac& fresh);
  void note(std::size_t entry, std::string_view sentence);       // a comment of its own line above the entry
  std::vector<std::string_view> notes(std::size_t entry) const;  // those comments of the former text
  void append(const policy::RegisterEntry& entry);               // its id, MACs and text

  const std::string& before() const { return text_; }
  // Errors: register.form where it cannot be changed safely.
  Result<std::string> finish() const;

 private:
  struct Edit {
    std::size_t at, length;  // of the former text, in bytes
    std::string text;
  };
  RegisterText(std::string text, std::string shown);

  std::size_t offset_of(const policy::Location& at) const;
  std::size_t end_of_line(std::size_t at) const;  // behind its newline
  std::size_t end_of_scalar(const policy::YamlValue& value) const;
  bool flow(const policy::Location& at) const;  // written with { or [
  policy::YamlMap map_of(std::size_t entry) const;
  void add_key(std::size_t entry, const std::string& line);
  void replace(const policy::YamlValue& scalar, std::string text);
  void cannot(const policy::Location& at, std::string why);

  std::string text_, shown_;
  std::vector<std::size_t> lines_;                               // where each begins
  std::shared_ptr<Errors> errors_ = std::make_shared<Errors>();  // of the document
  std::optional<policy::YamlDocument> document_;
  std::vector<policy::RegisterEntry> entries_;
  std::vector<Edit> edits_;
  std::string appended_;
  nlohmann::json meant_;  // what the text says after the changes; scalars as text
  std::optional<Error> refused_;
};

// An entry in lines of its own, indented by so many blanks.
std::string lines_of(const policy::RegisterEntry& entry, std::size_t indent);

// What differs, for people: lines with `-` and `+` before them, each run below the number of its first line.
std::string difference(std::string_view before, std::string_view after);

}  // namespace wardline::assets
