#include "controlplane/signature_import/convert.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "controlplane/signature_import/describe.h"

namespace wardline::signature_import {
namespace {

using Refused = std::unexpected<std::string>;
using Done = std::expected<void, std::string>;

// What the protocol of a rule's head stands for: transports, and the application the payload must be.
struct Protocol {
  std::string_view name, transports, within;
};
constexpr std::array<Protocol, 36> kProtocols{{
    {"tcp", "tcp", ""},
    {"tcp-pkt", "tcp", ""},
    {"tcp-stream", "tcp", ""},
    {"udp", "udp", ""},
    {"ip", "tcp udp", ""},
    {"http", "tcp", "http"},
    {"http1", "tcp", "http"},
    {"http2", "tcp", "http2"},
    {"tls", "tcp", "tls"},
    {"ssl", "tcp", "tls"},
    {"dns", "udp tcp", "dns"},
    {"smb", "tcp", "smb1 smb2"},
    {"ssh", "tcp", "ssh"},
    {"ftp", "tcp", "ftp"},
    {"smtp", "tcp", "smtp"},
    {"imap", "tcp", "imap"},
    {"pop3", "tcp", "pop3"},
    {"telnet", "tcp", "telnet"},
    {"sip", "tcp udp", "sip"},
    {"nfs", "tcp", "nfs"},
    {"snmp", "udp", "snmp"},
    {"mqtt", "tcp", "mqtt"},
    {"rdp", "tcp", "rdp"},
    {"tftp", "udp", "tftp"},
    {"krb5", "tcp udp", "kerberos"},
    {"dhcp", "udp", "dhcp"},
    {"ike", "udp", "ike"},
    {"ikev2", "udp", "ike"},
    {"modbus", "tcp", "modbus"},
    {"dnp3", "tcp", "dnp3"},
    {"enip", "tcp udp", "enip"},
    {"pgsql", "tcp", "postgresql"},
    {"ldap", "tcp udp", "ldap"},
    {"rfb", "tcp", "vnc"},
    {"quic", "udp", "quic"},
    {"ntp", "udp", "ntp"},
}};

std::vector<std::string> words(std::string_view text, char at = ' ') {
  std::vector<std::string> list;
  while (!text.empty()) {
    auto word = text.substr(0, text.find(at));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    if (!word.empty()) list.emplace_back(word);
  }
  return list;
}

Done read_head(const Rule& rule, Signature& signature) {
  const auto found = std::ranges::find(kProtocols, rule.protocol, &Protocol::name);
  if (found == kProtocols.end())
    return Refused(fmt::format("the protocol '{}': only the payload of TCP and UDP is scanned", rule.protocol));
  signature.transports = words(found->transports);
  signature.within = words(found->within);
  for (const auto& address : {rule.source, rule.destination})
    if (address != "any" && std::ranges::any_of(address, [](char c) { return c >= '0' && c <= '9'; }) &&
        !address.starts_with('$'))
      return Refused(fmt::format("the address '{}': addresses belong into the rules of a class", address));
  if (rule.action == "pass") return Refused("a rule that lets pass: write an exception or a rule of a class");
  return {};
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Who sends what the rule looks for.
Done read_direction(const Rule& rule, Signature& signature) {
  signature.side = "either";
  for (const auto& word : words(rule.value_of("flow"), ',')) {
    if (word == "to_server" || word == "from_client")
      signature.side = "client";
    else if (word == "to_client" || word == "from_server")
      signature.side = "server";
    else if (word == "not_established")
      return Refused("it asks for a connection that is not open yet");
    else if (word == "only_frag")
      return Refused("it asks for fragments, which are put together before they are judged");
  }
  if (signature.side == "either" && !rule.both_ways) {
    const bool to_port = rule.source_port == "any" && rule.destination_port != "any";
    const bool from_port = rule.source_port != "any" && rule.destination_port == "any";
    if (to_port) signature.side = "client";
    if (from_port) signature.side = "server";
  }
  return {};
}

void read_ports(const Rule& rule, Signature& signature) {
  std::string_view text = signature.side == "server" ? rule.source_port : rule.destination_port;
  if (text == "any") return;
  const std::string shown(text);
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  bool all = true;
  for (const auto& word : words(text, ',')) {
    std::uint16_t port = 0;
    if (!is_port(word) || std::from_chars(word.data(), word.data() + word.size(), port).ec != std::errc{} ||
        port == 0 || signature.ports.size() == 8) {
      all = false;
      continue;
    }
    signature.ports.push_back(port);
  }
  signature.notes.push_back(all ? "the port is a hint: it is looked for at every port"
                                : fmt::format("the ports {} are left out: it is looked for at every port", shown));
}

std::string title_of(const Rule& rule) {
  std::string title;
  for (const char c : std::string(rule.value_of("msg")))
    if (c != '\\') title += c >= ' ' && c <= '~' ? c : '?';
  if (title.size() > 120) title.resize(120);
  return title.empty() ? "a rule without a message" : title;
}

Done read_patterns(const Rule& rule, Signature& signature) {
  auto body = read_body(rule);
  if (!body) return Refused(body.error());
  signature.exact_length = body->exact_length;
  std::ranges::move(body->notes, std::back_inserter(signature.notes));
  for (const auto& chain : body->chains) {
    auto pattern = pattern_of(chain);
    if (!pattern) return Refused(pattern.error());
    const auto holder = chain.buffer->holder;
    if (holder == Holder::kHttpRequest || holder == Holder::kHttpResponse) {
      signature.within = {"http"};
      signature.side = holder == Holder::kHttpRequest ? "client" : "server";
    }
    if (holder == Holder::kDnsQuestion) signature.within = {"dns"}, signature.transports = {"udp"};
    if (holder == Holder::kTlsHello) signature.within = {"tls"}, signature.side = "client";
    signature.patterns.push_back(std::move(*pattern));
  }
  if (std::ranges::all_of(signature.patterns, &PatternText::negated))
    return Refused("it asks only for what is not there");
  return {};
}

}  // namespace

std::expected<Signature, std::string> convert(const Rule& rule, const std::string& file) {
  Signature signature;
  const auto sid = rule.value_of("sid");
  if (sid.empty()) return Refused("it has no sid");
  signature.id = fmt::format("sid-{}", sid);
  signature.title = title_of(rule);
  if (auto done = read_head(rule, signature); !done) return Refused(done.error());
  if (auto done = read_direction(rule, signature); !done) return Refused(done.error());
  if (auto done = read_patterns(rule, signature); !done) return Refused(done.error());
  read_ports(rule, signature);
  signature.severity = severity_of(rule);
  signature.groups = {group_of(rule)};
  signature.technique = technique_of(rule);
  signature.references = references_of(rule);
  const auto revision = rule.value_of("rev");
  signature.source = fmt::format("{} line {}, sid {}{}", file, rule.line, sid,
                                 revision.empty() ? "" : fmt::format(" rev {}", revision));
  return signature;
}

}  // namespace wardline::signature_import
