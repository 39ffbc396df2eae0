// [section], `label = type:class:name:flavor`, `sig = ...`; comments begin with ';'. p0f's README, section 5.
#include "controlplane/fingerprint_import/p0f.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "controlplane/fingerprint_import/device_words.h"
#include "controlplane/fingerprint_import/p0f_syn.h"

namespace wardline::fingerprint_import {
namespace {

using Told = std::expected<Fingerprint, std::string>;
using Fault = std::unexpected<std::string>;

struct Label {
  bool generic = false;  // g: the name holds, the flavor is a guess
  bool program = false;  // its class is '!': no operating system
  std::string name, flavor;
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const auto first = text.find_first_not_of(kBlank);
  return first == std::string_view::npos ? text.substr(0, 0)
                                         : text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::expected<Label, std::string> read_label(std::string_view text) {
  const auto parts = parts_of(text, ':');
  if (parts.size() != 4 || (parts[0] != "s" && parts[0] != "g") || parts[2].empty())
    return Fault(fmt::format("expected a label as s:class:name:flavor before it, found '{}'", text));
  return Label{parts[0] == "g", parts[1] == "!", std::string(parts[2]), std::string(parts[3])};
}

// A label's name and flavor; of what is no label, its text.
std::string title_of(std::string_view text) {
  const auto label = read_label(text);
  if (!label) return std::string(text);
  return label->flavor.empty() ? label->name : label->name + " " + label->flavor;
}

Told syn_fingerprint(const Label& label, std::string_view signature) {
  auto told = syn_pattern_of(signature);
  if (!told) return Fault(told.error());
  const bool whole = !label.generic && !label.flavor.empty();
  return Fingerprint{
      .attribute = "tcp.syn",
      .pattern = std::move(told->pattern),
      .sets = {{label.program ? "software" : "os", whole ? label.name + " " + label.flavor : label.name}},
      .examples = {std::move(told->example)},
      .notes = {}};
}

// Only what the User-Agent must hold: the order of headers, which tells one flavor from the next, is no evidence here.
Told agent_fingerprint(const Label& label, std::string_view signature) {
  constexpr std::array<std::string_view, 8> kNamedByOthers{"AppleWebKit", "Chrome",  "Gecko",  "KHTML",
                                                           "MSIE",        "Mozilla", "Safari", "Version"};
  const auto agent = trimmed(signature.substr(signature.rfind(':') + 1));
  if (std::ranges::count(signature, ':') < 3 || agent.empty())
    return Fault("it names nothing of a User-Agent, and the order of headers is no evidence here");
  if (std::ranges::any_of(kNamedByOthers, [&](std::string_view word) { return agent.contains(word); }))
    return Fault(fmt::format("other programs, too, say '{}' in their User-Agent", agent));
  if (!label.program) return Fault("an operating system does not follow from the words of a User-Agent alone");
  return Fingerprint{.attribute = "http.user_agent",
                     .pattern = literal(agent),
                     .sets = {{"software", label.name}},
                     .examples = {std::string(agent)},
                     .notes = {"without its version, which the order of headers would tell"}};
}

Told fingerprint_of(std::string_view section, std::string_view label_text, std::string_view signature) {
  if (section != "[tcp:request]" && section != "[http:request]")
    return Fault(fmt::format("signatures of [tcp:request] and [http:request] are carried over, this one is of {}",
                             section.empty() ? "no section" : section));
  const auto label = read_label(label_text);
  if (!label) return Fault(label.error());
  return section == "[tcp:request]" ? syn_fingerprint(*label, signature) : agent_fingerprint(*label, signature);
}

}  // namespace

std::vector<Entry> read_p0f(std::string_view text) {
  constexpr std::array<std::string_view, 3> kNoMatter{"classes", "sys", "ua_os"};
  std::vector<Entry> entries;
  std::string_view section, label;
  std::uint32_t number = 0;
  for (const auto raw : parts_of(text, '\n')) {
    ++number;
    const auto line = trimmed(raw);
    if (line.empty() || line.starts_with(';')) continue;
    if (line.starts_with('[')) {
      section = line;
      label = {};
      continue;
    }
    const auto equals = line.find('=');
    const auto key = trimmed(line.substr(0, equals));
    const auto value = equals == std::string_view::npos ? line.substr(0, 0) : trimmed(line.substr(equals + 1));
    if (key == "label")
      label = value;
    else if (key == "sig")
      entries.push_back({number, title_of(label), fingerprint_of(section, label, value)});
    else if (std::ranges::find(kNoMatter, key) == kNoMatter.end())
      entries.push_back({number, std::string(line),
                         Fault("expected [section], label, sig, sys, classes or ua_os at the begin of the line")});
  }
  return entries;
}

}  // namespace wardline::fingerprint_import
