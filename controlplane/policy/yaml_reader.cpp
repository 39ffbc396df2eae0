// Values, maps and lists of a strict document: everything but the parsing itself.
#include "controlplane/policy/yaml_reader.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "controlplane/policy/yaml_ambiguity.h"
#include "controlplane/policy/yaml_node.h"

namespace wardline::policy {

std::string Location::text() const {
  return fmt::format("{}:{}:{}", file, line, column);
}
std::string Location::line_text() const {
  return fmt::format("{}:{}", file, line);
}

void YamlReport::add(const Location& at, std::string code, std::string what) {
  if (reported++ > kMaxErrors) return;
  if (reported > kMaxErrors)
    errors->push_back({"policy.more", at.text(), "further problems of this file are not shown"});
  else
    errors->push_back({std::move(code), at.text(), std::move(what)});
}

std::string YamlNode::described() const {
  switch (kind) {
    case Kind::kNothing:
      return "nothing";
    case Kind::kList:
      return "a list";
    case Kind::kMap:
      return "a map (key: value)";
    case Kind::kScalar:
      break;
  }
  constexpr std::size_t kShown = 60;
  const std::string shown = text.size() > kShown ? text.substr(0, kShown) + "..." : text;
  return quoted ? fmt::format("the quoted text \"{}\"", shown) : fmt::format("'{}'", shown);
}

namespace {
void report(const YamlNode& node, std::string code, std::string what) {
  node.report->add(node.at(), std::move(code), std::move(what));
}

void report_type(const YamlNode& node, std::string_view expected) {
  report(node, "policy.type", fmt::format("expected {}, found {}", expected, node.described()));
}

bool digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}
}  // namespace

Location YamlValue::at() const {
  return node_ ? node_->at() : Location{};
}
bool YamlValue::is_list() const {
  return node_ && node_->kind == YamlNode::Kind::kList;
}
bool YamlValue::is_map() const {
  return node_ && node_->kind == YamlNode::Kind::kMap;
}
bool YamlValue::is_scalar() const {
  return node_ && node_->kind == YamlNode::Kind::kScalar;
}
std::string YamlValue::raw() const {
  return is_scalar() ? node_->text : "";
}

void YamlValue::error(std::string code, std::string what) const {
  if (node_) report(*node_, std::move(code), std::move(what));
}

std::optional<std::string> YamlValue::as_text(std::size_t max_bytes) const {
  if (!node_) return std::nullopt;
  if (!is_scalar()) return report_type(*node_, "text"), std::nullopt;
  if (!node_->quoted) {
    if (const auto other = other_reading(node_->text); !other.empty()) {
      report(*node_, "policy.unquoted",
             fmt::format("'{0}' without quotes is {1} to YAML; write \"{0}\"", node_->text, other));
      return std::nullopt;
    }
  }
  if (node_->text.size() > max_bytes) {
    report(*node_, "policy.too-long", fmt::format("text of {} bytes; at most {}", node_->text.size(), max_bytes));
    return std::nullopt;
  }
  return node_->text;
}

std::optional<std::string> YamlValue::as_quoted(std::string_view what) const {
  if (!node_) return std::nullopt;
  if (!is_scalar()) return report_type(*node_, fmt::format("{} in quotes", what)), std::nullopt;
  if (!node_->quoted) {
    report(*node_, "policy.unquoted",
           fmt::format("{0} must be quoted, since YAML can read it as a number or a date; write \"{1}\"", what,
                       node_->text));
    return std::nullopt;
  }
  return as_text();
}

std::optional<std::string> YamlValue::as_name() const {
  auto text = as_text();
  if (!text) return std::nullopt;
  const bool good = !text->empty() && text->size() <= 64 && std::all_of(text->begin(), text->end(), name_character) &&
                    text->front() != '-' && text->front() != '.' && text->front() != '_';
  if (good) return text;
  report(*node_, "policy.name",
         fmt::format("{} is no name: a name has 1 to 64 of a-z 0-9 . _ - and begins with a letter or digit",
                     node_->described()));
  return std::nullopt;
}

std::optional<std::int64_t> YamlValue::as_number(std::int64_t low, std::int64_t high, std::string_view what) const {
  if (!node_) return std::nullopt;
  const auto expected = fmt::format("{} ({} to {})", what, low, high);
  if (!is_scalar()) return report_type(*node_, expected), std::nullopt;
  const std::string& text = node_->text;
  const std::string_view magnitude = std::string_view(text).substr(text.starts_with('-') ? 1 : 0);
  if (!digits(magnitude)) return report_type(*node_, expected), std::nullopt;
  if (node_->quoted) {
    report(*node_, "policy.type",
           fmt::format("expected {}, found a quoted text; write {} without quotes", expected, text));
    return std::nullopt;
  }
  if (magnitude.size() > 1 && magnitude.front() == '0') {
    report(*node_, "policy.leading-zero",
           fmt::format("'{}' begins with a zero, which YAML may read as octal; write the number without it", text));
    return std::nullopt;
  }
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || number < low || number > high) {
    report(*node_, "policy.range", fmt::format("{} {} is out of range; expected {} to {}", what, text, low, high));
    return std::nullopt;
  }
  return number;
}

std::optional<bool> YamlValue::as_bool() const {
  if (!node_) return std::nullopt;
  if (!is_scalar() || node_->quoted) return report_type(*node_, "true or false"), std::nullopt;
  if (node_->text == "true") return true;
  if (node_->text == "false") return false;
  if (const auto meant = meant_boolean(node_->text); !meant.empty())
    report(*node_, "policy.boolean",
           fmt::format("'{}' is not taken as a boolean, since not every reader of YAML does; write {}", node_->text,
                       meant));
  else
    report_type(*node_, "true or false");
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> YamlValue::as_duration() const {
  if (!node_) return std::nullopt;
  static constexpr std::string_view kExpected = "a duration: a number and one of ms s m h d, such as 60s or 4h";
  if (!is_scalar() || node_->quoted) {
    report_type(*node_, fmt::format("{}, without quotes", kExpected));
    return std::nullopt;
  }
  const std::string_view text = node_->text;
  const auto unit_at = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = text.substr(0, unit_at), unit = text.substr(unit_at);
  const std::int64_t factor = unit == "ms"  ? 1
                              : unit == "s" ? 1'000
                              : unit == "m" ? 60'000
                              : unit == "h" ? 3'600'000
                              : unit == "d" ? 86'400'000
                                            : 0;
  if (number.empty() || factor == 0) return report_type(*node_, kExpected), std::nullopt;
  if (number.size() > 9 || (number.size() > 1 && number.front() == '0')) {
    report(*node_, "policy.duration",
           fmt::format("'{}' has leading zeros or more than 9 digits; expected {}", text, kExpected));
    return std::nullopt;
  }
  std::int64_t count = 0;
  std::from_chars(number.data(), number.data() + number.size(), count);
  return std::chrono::milliseconds(count * factor);
}

std::optional<std::uint32_t> YamlValue::as_size() const {
  if (!node_) return std::nullopt;
  static constexpr std::string_view kExpected = "a size: a number and one of B KiB MiB, such as 64KiB";
  if (!is_scalar() || node_->quoted) {
    report_type(*node_, fmt::format("{}, without quotes", kExpected));
    return std::nullopt;
  }
  const std::string_view text = node_->text;
  const auto unit_at = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = text.substr(0, unit_at), unit = text.substr(unit_at);
  const std::uint32_t factor = unit == "B" ? 1U : unit == "KiB" ? 1U << 10 : unit == "MiB" ? 1U << 20 : 0U;
  const bool written = !number.empty() && number.size() <= 4 && (number == "0" || number.front() != '0');
  if (!written || factor == 0) return report_type(*node_, kExpected), std::nullopt;
  std::uint32_t count = 0;
  std::from_chars(number.data(), number.data() + number.size(), count);
  return count * factor;
}

std::optional<std::size_t> YamlValue::as_word(std::initializer_list<std::string_view> words) const {
  return as_one_of({words.begin(), words.size()});
}

std::optional<std::size_t> YamlValue::as_one_of(std::span<const std::string_view> words) const {
  if (!node_) return std::nullopt;
  const auto expected = fmt::format("one of: {}", fmt::join(words, ", "));
  if (!is_scalar()) return report_type(*node_, expected), std::nullopt;
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i] == node_->text) return i;
  const auto near = nearest(node_->text, {words.begin(), words.end()});
  report(*node_, "policy.word",
         fmt::format("expected {}; found {}{}", expected, node_->described(),
                     near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
  return std::nullopt;
}

std::optional<YamlMap> YamlValue::as_map() const {
  if (!node_) return std::nullopt;
  if (!is_map()) return report_type(*node_, "a map (key: value)"), std::nullopt;
  YamlMap map;
  map.self_ = *this;
  return map;
}

std::optional<YamlList> YamlValue::as_list() const {
  if (!node_) return std::nullopt;
  if (!is_list()) return report_type(*node_, "a list ([a, b] or lines with '- ')"), std::nullopt;
  YamlList list;
  list.self_ = *this;
  return list;
}

YamlValue YamlMap::get(std::string_view key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.emplace_back(key);
  for (const auto& entry : self_.node_->entries)
    if (entry.key == key) return YamlValue(entry.value);
  return {};
}

YamlValue YamlMap::require(std::string_view key) {
  auto value = get(key);
  if (!value) self_.error("policy.missing-key", fmt::format("the key '{}' is missing here", key));
  return value;
}

void YamlMap::each(
    const std::function<void(const std::string& key, const Location& key_at, const YamlValue& value)>& visit) {
  for (const auto& entry : self_.node_->entries) {
    asked_.push_back(entry.key);
    visit(entry.key, entry.key_at, YamlValue(entry.value));
  }
}

void YamlMap::finish() {
  for (const auto& entry : self_.node_->entries) {
    if (std::find(asked_.begin(), asked_.end(), entry.key) != asked_.end()) continue;
    const auto near = nearest(entry.key, asked_);
    self_.node_->report->add(entry.key_at, "policy.unknown-key",
                             fmt::format("'{}' is not known here; {}", entry.key,
                                         near.empty() ? fmt::format("known are: {}", fmt::join(asked_, ", "))
                                                      : fmt::format("did you mean '{}'?", near)));
  }
}

Location YamlMap::at() const {
  return self_.at();
}

std::size_t YamlList::size() const {
  return self_.node_->items.size();
}
YamlValue YamlList::operator[](std::size_t index) const {
  return YamlValue(self_.node_->items[index]);
}

}  // namespace wardline::policy
