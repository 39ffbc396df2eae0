// <fingerprints matches="ssh.banner"><fingerprint pattern flags certainty> with <description>, <example> and <param>
#include "controlplane/fingerprint_import/recog.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>

#include "controlplane/fingerprint_import/recog_params.h"
#include "controlplane/identity/observers.h"
#include "controlplane/inventory/text.h"
#include "controlplane/policy/fingerprints.h"
#include "controlplane/policy/value_pattern.h"

namespace wardline::fingerprint_import {
namespace {

using Told = std::expected<Fingerprint, std::string>;

// What Recog looks into, and the evidence that holds the same. A greeting is told by its observer, which sees what
// stands on the wire before it and may leave a part out.
struct Field {
  std::string_view matches, attribute;
  void (*observe)(identity::Bytes, const identity::Speech&, identity::Observations&) = nullptr;
  std::string_view before;
};
constexpr std::array kFields{
    Field{"dhcp_vendor_class", "dhcp.vendor_class", nullptr, ""},
    Field{"ftp.banner", "ftp.banner", identity::observe_ftp, "220 "},
    Field{"html_title", "http.title", nullptr, ""},
    Field{"http_header.server", "http.server", nullptr, ""},
    Field{"imap4.banner", "imap.banner", identity::observe_imap, "* OK "},
    Field{"pop3.banner", "pop3.banner", identity::observe_pop3, "+OK "},
    Field{"rtsp_header.server", "rtsp.server", nullptr, ""},
    Field{"sip_header.server", "sip.agent", nullptr, ""},
    Field{"sip_header.user_agent", "sip.agent", nullptr, ""},
    Field{"smtp.banner", "smtp.banner", identity::observe_smtp, "220 "},
    Field{"snmp.sys_description", "snmp.description", nullptr, ""},
    Field{"snmp.sys_object_id", "snmp.object_id", nullptr, ""},
    Field{"ssdp_header.server", "ssdp.server", nullptr, ""},
    Field{"ssh.banner", "ssh.software", identity::observe_ssh, "SSH-2.0-"},
    Field{"telnet.banner", "telnet.banner", identity::observe_telnet, ""},
};
constexpr std::size_t kKeptExamples = 2;

std::unexpected<std::string> refuse(std::string why) {
  return std::unexpected(std::move(why));
}

// The evidence that a device leaves which says `text`; "" where it leaves none.
std::string evidence_of(const Field& field, const std::string& text) {
  if (field.observe == nullptr) return inventory::clean_text(text);
  const std::string line = fmt::format("{}{}\r\n", field.before, text);
  identity::Observations told;
  field.observe(std::as_bytes(std::span(line)), {}, told);
  const auto found = std::ranges::find(told, field.attribute, &identity::Observation::attribute);
  return found == told.end() ? std::string() : found->value;
}

// Of the flags of Ruby and Java only the one about case changes what is found in values of one line.
std::expected<std::string, std::string> flagged(const pugi::xml_node& entry) {
  constexpr std::array<std::string_view, 5> kNoMatter{"REG_DOT_NEWLINE", "REG_LINE_ANY_CRLF", "REG_MULTILINE",
                                                      "MULTILINE", "REG_EXTENDED"};
  std::string prefix;
  std::string_view rest = entry.attribute("flags").as_string();
  while (!rest.empty()) {
    const auto flag = rest.substr(0, rest.find_first_of(", |"));
    rest.remove_prefix(std::min(flag.size() + 1, rest.size()));
    if (flag == "REG_ICASE" || flag == "IGNORECASE")
      prefix = "(?i)";
    else if (!flag.empty() && std::ranges::find(kNoMatter, flag) == kNoMatter.end())
      return refuse(fmt::format("the flag '{}' of its pattern is not known here", flag));
  }
  return prefix + entry.attribute("pattern").as_string();
}

std::expected<std::string, std::string> text_of(const pugi::xml_node& example) {
  std::string text = example.text().get();
  const std::string_view encoding = example.attribute("_encoding").as_string();
  if (example.attribute("_filename"))
    return refuse("an example in a file of its own cannot be run: write its text out");
  if (encoding.empty()) return text;
  std::string decoded(text.size(), '\0');
  std::size_t length = 0;
  if (encoding != "base64" ||
      sodium_base642bin(reinterpret_cast<unsigned char*>(decoded.data()), decoded.size(), text.data(), text.size(),
                        " \t\r\n", &length, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0)
    return refuse(fmt::format("its example '{}' is not the {} that it is said to be", text, encoding));
  decoded.resize(length);
  return decoded;
}

// Runs one example. The error says how it fails.
std::expected<std::string, std::string> run_example(const pugi::xml_node& example, const Field& field,
                                                    const policy::DeviceFingerprint& entry) {
  const auto text = text_of(example);
  if (!text) return text;
  const auto value = evidence_of(field, *text);
  const policy::Seen seen{field.attribute, value};
  const auto told = entry.told_by(std::span(&seen, 1));
  if (told.empty()) return refuse(fmt::format("its example '{}' is not found in '{}' as kept here", *text, value));
  for (const auto& expected : example.attributes()) {
    const std::string_view name = expected.name();
    if (name.starts_with('_')) continue;  // about the example
    const auto found = std::ranges::find(told, name, &std::pair<std::string, std::string>::first);
    const std::string got = found == told.end() ? "" : found->second;
    if (got != expected.value())
      return refuse(fmt::format("its example '{}' gives {} '{}', expected '{}'", *text, name, got, expected.value()));
  }
  return value;
}

// All examples are run, the first are kept.
std::expected<std::vector<std::string>, std::string> run_examples(const pugi::xml_node& entry, const Field& field,
                                                                  const std::string& pattern,
                                                                  const RecogParams& params) {
  auto compiled = policy::value_pattern(pattern);
  if (!compiled) return refuse(compiled.error().what);
  policy::DeviceFingerprint tried;
  tried.when.push_back({std::string(field.attribute), std::move(*compiled)});
  const int groups = tried.when.front().pattern->NumberOfCapturingGroups();
  tried.sets = {params.forms.begin(), params.forms.end()};
  for (const auto& [name, form] : tried.sets)
    for (std::size_t i = 0; i + 1 < form.size(); ++i)
      if (form[i] == '\\' && form[i + 1] - '0' > groups)
        return refuse(fmt::format("{} asks for group {}; its pattern has {}", name, form[i + 1], groups));
  std::vector<std::string> kept;
  for (const auto& example : entry.children("example")) {
    auto value = run_example(example, field, tried);
    if (!value) return refuse(value.error());
    if (kept.size() < kKeptExamples && std::ranges::find(kept, *value) == kept.end()) kept.push_back(std::move(*value));
  }
  if (kept.empty()) return refuse("it has no example to check it by");
  return kept;
}

Told fingerprint_of(const pugi::xml_node& entry, const Field& field) {
  auto pattern = flagged(entry);
  if (!pattern) return refuse(pattern.error());
  if (pattern->empty()) return refuse("it has no pattern");
  auto params = read_params(entry);
  auto sets = conclusions_of(params);
  if (sets.empty()) return refuse("it names no maker, product, kind, software or operating system");
  auto examples = run_examples(entry, field, *pattern, params);
  if (!examples) return refuse(examples.error());
  if (const auto certainty = entry.attribute("certainty"))
    params.notes.push_back(fmt::format("its certainty of {} is not kept", certainty.as_string()));
  return Fingerprint{.attribute = std::string(field.attribute),
                     .pattern = std::move(*pattern),
                     .sets = std::move(sets),
                     .examples = std::move(*examples),
                     .notes = std::move(params.notes)};
}

}  // namespace

std::vector<Entry> read_recog(const XmlFile& file) {
  const std::string_view matches = file.root().attribute("matches").as_string();
  const auto field = std::ranges::find(kFields, matches, &Field::matches);
  std::vector<Entry> entries;
  for (const auto& entry : file.root().children("fingerprint")) {
    auto told = field != kFields.end() ? fingerprint_of(entry, *field)
                                       : Told(refuse(fmt::format("no evidence here holds what '{}' is", matches)));
    entries.push_back({file.line_of(entry), entry.child("description").text().get(), std::move(told)});
  }
  return entries;
}

}  // namespace wardline::fingerprint_import
