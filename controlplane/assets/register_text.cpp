#include "controlplane/assets/register_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "controlplane/assets/register_keys.h"
#include "controlplane/inventory/address_text.h"
#include "controlplane/policy/draft.h"
#include "controlplane/policy/yaml_ambiguity.h"

namespace wardline::assets {
namespace {

using nlohmann::json;
using policy::Location;
using policy::YamlDocument;
using policy::YamlValue;

constexpr std::string_view kEmpty =
    "# The asset register: devices that a person knows. See docs/policy.md.\ndevices: []\n";

json json_of(const YamlValue& value) {
  if (value.is_map()) {
    auto made = json::object();
    value.as_map()->each(
        [&](const std::string& key, const Location&, const YamlValue& item) { made[key] = json_of(item); });
    return made;
  }
  if (!value.is_list()) return value.raw();
  auto made = json::array();
  const auto list = *value.as_list();
  for (std::size_t i = 0; i < list.size(); ++i) made.push_back(json_of(list[i]));
  return made;
}

json json_of(const policy::RegisterEntry& entry) {
  json made{{"id", entry.id}};
  for (const auto& mac : entry.macs) made["macs"].push_back(inventory::text_of(mac));
  for (const auto& [key, field, is_name] : kTextKeys)
    if (!(entry.*field).empty()) made[std::string(key)] = entry.*field;
  return made;
}

// As YAML reads it back.
std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// In quotation marks where it needs them, or where YAML may take it for something else than text.
std::string written(const std::string& text, bool is_name) {
  constexpr std::array<std::string_view, 2> kNothing{"null", "~"};
  const bool plain = is_name && policy::other_reading(text).empty() && std::ranges::count(kNothing, text) == 0;
  return plain ? text : in_quotes(text);
}

policy::YamlList devices_of(const YamlDocument& document) {
  return *document.root().as_map()->get("devices").as_list();
}

}  // namespace

std::string lines_of(const policy::RegisterEntry& entry, std::size_t indent) {
  const std::string blanks(indent + 2, ' ');
  auto text = fmt::format("{:{}}- id: {}\n", "", indent, written(entry.id, true));
  std::string macs;
  for (const auto& mac : entry.macs) macs += (macs.empty() ? "" : ", ") + in_quotes(inventory::text_of(mac));
  if (!macs.empty()) text += fmt::format("{}macs: [{}]\n", blanks, macs);
  for (const auto& [key, field, is_name] : kTextKeys)
    if (const auto& value = entry.*field; !value.empty())
      text += fmt::format("{}{}: {}\n", blanks, key, written(value, is_name));
  return text;
}

RegisterText::RegisterText(std::string text, std::string shown) : text_(std::move(text)), shown_(std::move(shown)) {
  for (std::size_t at = 0; at < text_.size() || lines_.empty(); at = end_of_line(at)) lines_.push_back(at);
}

std::expected<RegisterText, Errors> RegisterText::parse(std::string text, const std::string& shown) {
  RegisterText made(text.empty() ? std::string(kEmpty) : std::move(text), shown);
  auto& errors = *made.errors_;
  made.document_ = YamlDocument::parse(made.text_, shown, errors, policy::kMostRegisterBytes);
  policy::RegisterDraft draft;
  if (made.document_) read_register(made.document_->root(), draft);
  if (errors.empty() && !made.text_.ends_with('\n'))
    errors.push_back({"policy.file-cut", shown, "the file does not end with a newline: it seems to be cut off"});
  if (!errors.empty()) return std::unexpected(std::move(errors));
  made.entries_ = std::move(draft.devices);
  made.meant_ = json_of(made.document_->root());
  return made;
}

// YAML counts characters; a character of UTF-8 begins with a byte that is no continuation.
std::size_t RegisterText::offset_of(const Location& at) const {
  std::size_t offset = lines_[std::min<std::size_t>(static_cast<std::size_t>(at.line), lines_.size()) - 1];
  const auto begins = [&](std::size_t i) { return (static_cast<unsigned char>(text_[i]) & 0xc0) != 0x80; };
  for (int column = 1; column < at.column && offset < text_.size(); ++column)
    for (++offset; offset < text_.size() && !begins(offset);) ++offset;
  return std::min(offset, text_.size() - 1);
}

std::size_t RegisterText::end_of_line(std::size_t at) const {
  const auto end = text_.find('\n', at);
  return end == std::string::npos ? text_.size() : end + 1;
}

bool RegisterText::flow(const Location& at) const {
  const char first = text_[offset_of(at)];
  return first == '{' || first == '[';
}

// npos where it is written over several lines or in another form than expected.
std::size_t RegisterText::end_of_scalar(const YamlValue& value) const {
  const auto begin = offset_of(value.at());
  const char first = text_[begin];
  const std::string raw = value.raw();
  if (first != '"' && first != '\'')
    return !raw.empty() && text_.compare(begin, raw.size(), raw) == 0 ? begin + raw.size() : std::string::npos;
  for (auto i = begin + 1; i < text_.size() && text_[i] != '\n'; ++i) {
    if (first == '"' && text_[i] == '\\') {
      ++i;
    } else if (text_[i] == first) {
      if (first == '"' || text_[i + 1] != '\'') return i + 1;
      ++i;
    }
  }
  return std::string::npos;
}

policy::YamlMap RegisterText::map_of(std::size_t entry) const {
  return *devices_of(*document_)[entry].as_map();
}

void RegisterText::cannot(const Location& at, std::string why) {
  if (!refused_) refused_ = Error{"register.form", at.text(), std::move(why)};
}

void RegisterText::replace(const YamlValue& scalar, std::string text) {
  const auto begin = offset_of(scalar.at()), end = end_of_scalar(scalar);
  if (end == std::string::npos)
    return cannot(scalar.at(), "this value is written over several lines and cannot be changed in its place");
  edits_.push_back({begin, end - begin, std::move(text)});
}

// Behind the id, which every entry has.
void RegisterText::add_key(std::size_t entry, const std::string& line) {
  auto map = map_of(entry);
  const auto id = map.get("id");
  const auto end = end_of_scalar(id);
  if (end == std::string::npos) return cannot(id.at(), "the id is written over several lines");
  if (flow(map.at()))
    edits_.push_back({end, 0, ", " + line});
  else
    edits_.push_back({end_of_line(end), 0, fmt::format("{:{}}{}\n", "", map.at().column - 1, line)});
}

void RegisterText::set(std::size_t entry, std::string_view key, const std::string& value, bool is_name) {
  auto map = map_of(entry);
  const auto text = written(value, is_name);
  if (const auto known = map.get(key))
    replace(known, text);
  else
    add_key(entry, fmt::format("{}: {}", key, text));
  meant_["devices"][entry][std::string(key)] = value;
}

void RegisterText::add_mac(std::size_t entry, const Mac& mac) {
  const auto text = inventory::text_of(mac);
  const auto macs = map_of(entry).get("macs");
  if (!macs) {
    const auto& before = meant_["devices"][entry];
    if (before.contains("macs")) return cannot(map_of(entry).at(), "two MACs are to be added where there was none");
    add_key(entry, fmt::format("macs: [{}]", in_quotes(text)));
  } else {
    const auto list = *macs.as_list();
    if (list.size() == 0) return cannot(macs.at(), "`macs:` is an empty list; take it out");
    const auto last = list[list.size() - 1];
    const auto end = end_of_scalar(last);
    if (end == std::string::npos) return cannot(last.at(), "this MAC is written over several lines");
    if (flow(macs.at()))
      edits_.push_back({end, 0, ", " + in_quotes(text)});
    else
      edits_.push_back({end_of_line(end), 0, fmt::format("{:{}}- {}\n", "", macs.at().column - 1, in_quotes(text))});
  }
  meant_["devices"][entry]["macs"].push_back(text);
}

void RegisterText::replace_mac(std::size_t entry, const Mac& old, const Mac& fresh) {
  const auto macs = map_of(entry).get("macs").as_list();
  const auto& known = entries_[entry].macs;
  const auto index = static_cast<std::size_t>(std::ranges::find(known, old) - known.begin());
  if (!macs || index >= macs->size()) return cannot(entries_[entry].at, "the entry has no such MAC");
  replace((*macs)[index], in_quotes(inventory::text_of(fresh)));
  meant_["devices"][entry]["macs"][index] = inventory::text_of(fresh);
}

void RegisterText::note(std::size_t entry, std::string_view sentence) {
  const auto at = entries_[entry].at;
  const auto line = offset_of({at.file, at.line, 1});
  const auto dash = text_.find_first_not_of(' ', line);
  if (dash == std::string::npos || text_[dash] != '-')
    return cannot(at, "the entry does not begin on a line of its own, so no note can stand above it");
  edits_.push_back({line, 0, fmt::format("{:{}}# {}\n", "", dash - line, sentence)});
}

std::vector<std::string_view> RegisterText::notes(std::size_t entry) const {
  std::vector<std::string_view> found;
  const std::string_view text = text_;
  for (auto end = offset_of({entries_[entry].at.file, entries_[entry].at.line, 1}); end != 0;) {
    const auto before = end == 1 ? std::string_view::npos : text.rfind('\n', end - 2);
    const auto begin = before == std::string_view::npos ? 0 : before + 1;
    const auto line = text.substr(begin, end - 1 - begin);
    const auto mark = line.find_first_not_of(' ');
    if (mark == std::string_view::npos || line[mark] != '#') break;
    found.push_back(line.substr(mark));
    end = begin;
  }
  return found;
}

void RegisterText::append(const policy::RegisterEntry& entry) {
  const auto list = document_->root().as_map()->get("devices");
  const bool first = list.as_list()->size() == 0;
  if (flow(list.at()) && !first)
    return cannot(list.at(), "`devices:` is written in [ ]; write it with a line `- id: ...` for each device");
  const auto indent = first ? 2 : static_cast<std::size_t>(list.at().column - 1);
  appended_ += lines_of(entry, indent);
  meant_["devices"].push_back(json_of(entry));
}

Result<std::string> RegisterText::finish() const {
  if (refused_) return std::unexpected(*refused_);
  auto edits = edits_;
  const auto list = document_->root().as_map()->get("devices");
  if (!appended_.empty() && list.as_list()->size() == 0) {
    const auto begin = offset_of(list.at());
    if (text_.compare(begin, 2, "[]") != 0)
      return fail("register.form", list.at().text(), "expected the empty list to be written as []");
    edits.push_back({begin, end_of_line(begin) - begin, "\n" + appended_});
  } else if (!appended_.empty()) {
    edits.push_back({text_.size(), 0, appended_});
  }
  std::ranges::stable_sort(edits, {}, &Edit::at);  // of several at one place the first stands first
  std::string text;
  std::size_t taken = 0;
  for (const auto& edit : edits) {
    text.append(text_, taken, edit.at - taken).append(edit.text);
    taken = edit.at + edit.length;
  }
  text.append(text_, taken);

  Errors errors;
  const auto document = YamlDocument::parse(text, shown_, errors, policy::kMostRegisterBytes);
  policy::RegisterDraft draft;
  if (document) read_register(document->root(), draft);
  if (!errors.empty())
    return fail(
        "register.form", errors.front().where,
        fmt::format("the changed text would not be read back ({}), so nothing is changed", errors.front().what));
  if (json_of(document->root()) != meant_)
    return fail("register.form", shown_,
                "the changed text would say something else than was meant, so nothing is changed");
  return text;
}

std::string difference(std::string_view before, std::string_view after) {
  const auto lines_of_text = [](std::string_view text) {
    std::vector<std::string_view> lines;
    for (std::size_t at = 0; at < text.size();) {
      const auto end = std::min(text.find('\n', at), text.size());
      lines.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return lines;
  };
  const auto old = lines_of_text(before), fresh = lines_of_text(after);
  std::size_t same = 0, same_at_end = 0;
  const auto shorter = std::min(old.size(), fresh.size());
  while (same < shorter && old[same] == fresh[same]) ++same;
  while (same_at_end < shorter - same && old[old.size() - 1 - same_at_end] == fresh[fresh.size() - 1 - same_at_end])
    ++same_at_end;
  auto text = fmt::format("@@ line {} @@\n", same + 1);
  for (auto i = same; i < old.size() - same_at_end; ++i) text.append("-").append(old[i]).append("\n");
  for (auto i = same; i < fresh.size() - same_at_end; ++i) text.append("+").append(fresh[i]).append("\n");
  return text;
}

}  // namespace wardline::assets
