// From a file to a document: its size, its characters and its end, then the tree.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

#include <fmt/format.h>

#include "controlplane/policy/yaml_tree.h"

namespace wardline::policy {
namespace {

std::string too_large(std::uint64_t bytes, std::size_t most) {
  return fmt::format("the file has {} bytes; at most {} are read ({} MiB)", bytes, most, most >> 20);
}

bool continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// Length of the UTF-8 character at `at`, 0 if it is none (overlong forms and surrogates are left to libyaml).
std::size_t utf8_length(const std::string& text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
  for (std::size_t i = 1; i < length; ++i)
    if (at + i >= text.size() || !continuation(text[at + i])) return 0;
  return length;
}

struct Refused {
  std::string_view code;
  std::string what;
};

// Why the character of `length` bytes at `at` has no place in a policy.
std::optional<Refused> refused_at(const std::string& text, std::size_t at, std::size_t length) {
  const char c = text[at];
  if (at == 0 && text.starts_with("\xef\xbb\xbf"))
    return Refused{"policy.yaml-text", "a byte order mark; save the file as UTF-8 without it"};
  if (length == 0) return Refused{"policy.yaml-text", "not UTF-8 text"};
  if (c == '\t') return Refused{"policy.yaml-tab", "a tab; indent with spaces, write \\t in a pattern"};
  const bool line_end = c == '\n' || (c == '\r' && at + 1 < text.size() && text[at + 1] == '\n');
  if (!line_end && (static_cast<unsigned char>(c) < 0x20 || c == 0x7f))
    return Refused{"policy.yaml-text", fmt::format("a control character (0x{:02x})", static_cast<int>(c))};
  return std::nullopt;
}

// Characters that an editor hides or that YAML forbids are refused before the parser stumbles over what follows.
bool plain_text(const std::string& text, YamlReport& report) {
  int line = 1, column = 1;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    if (auto refused = refused_at(text, at, length)) {
      report.add({report.file, line, column}, std::string(refused->code), std::move(refused->what));
      return false;
    }
    column = text[at] == '\n' ? 1 : column + static_cast<int>(length);
    line += text[at] == '\n';
    at += length;
  }
  return true;
}

}  // namespace

std::optional<YamlDocument> YamlDocument::parse(std::string text, const std::string& shown, Errors& errors,
                                                std::size_t most) {
  auto report = std::make_shared<YamlReport>();
  report->file = shown;
  report->errors = &errors;
  if (text.size() > most) {
    report->add({shown, 1, 1}, "policy.file-size", too_large(text.size(), most));
    return std::nullopt;
  }
  if (!plain_text(text, *report)) return std::nullopt;
  const auto root = parse_tree(text, report);
  if (!root) return std::nullopt;
  YamlDocument document;
  document.root_ = YamlValue(root);
  return document;
}

std::optional<YamlDocument> YamlDocument::load(const std::string& path, const std::string& shown, Errors& errors,
                                               std::size_t most) {
  const auto refuse = [&](std::string code, std::string what) {
    errors.push_back({std::move(code), Location{shown, 1, 1}.text(), std::move(what)});
    return std::nullopt;
  };
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0)
    return refuse("policy.file-missing", fmt::format("cannot be read: {}", std::strerror(errno)));
  if (!S_ISREG(info.st_mode)) return refuse("policy.file-kind", "expected a file, found something else");
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (size > most) return refuse("policy.file-size", too_large(size, most));
  std::ifstream in(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  if (!in.read(text.data(), info.st_size))
    return refuse("policy.file-missing", fmt::format("cannot be read: {}", std::strerror(errno)));
  const std::size_t before = errors.size();
  const bool cut = !text.empty() && text.back() != '\n';
  const auto lines = static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  const auto last_column =
      static_cast<int>(text.size() - (text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n')));
  auto document = parse(std::move(text), shown, errors, most);
  if (cut && errors.size() == before) {
    errors.push_back(
        {"policy.file-cut", Location{shown, lines + 1, last_column}.text(),
         "the file does not end with a newline: it seems to be cut off. Restore it, or end its last line"});
    return std::nullopt;
  }
  return document;
}

YamlValue YamlDocument::root() const {
  return root_;
}

}  // namespace wardline::policy
