#include "controlplane/capture/filter_text.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

namespace wardline::capture {
namespace {

constexpr std::array<std::string_view, 27> kWords{
    "host",  "net", "port",      "portrange", "src",   "dst",  "tcp",  "udp",     "icmp",
    "icmp6", "arp", "ip",        "ip6",       "ether", "vlan", "less", "greater", "and",
    "or",    "not", "broadcast", "multicast", "&&",    "||",   "!",    "(",       ")"};
constexpr std::size_t kSpelt = 22;  // of them words, and not signs

struct Token {
  std::string_view text;
  std::size_t column;  // from 1
};

std::vector<Token> tokens_of(std::string_view text) {
  constexpr std::string_view kBlanks = " \t", kAlone = "()!";
  std::vector<Token> tokens;
  for (std::size_t at = 0; (at = text.find_first_not_of(kBlanks, at)) != text.npos;) {
    const auto end = kAlone.contains(text[at]) ? at + 1 : std::min(text.find_first_of(" \t()!", at), text.size());
    tokens.push_back({text.substr(at, end - at), at + 1});
    at = end;
  }
  return tokens;
}

bool is_number(std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_mac(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool colon = i % 3 == 2;
    if (colon ? text[i] != ':' : std::string_view("0123456789abcdefABCDEF").find(text[i]) == text.npos) return false;
  }
  return text.size() == 17;
}

// A number, an address or a network. libpcap asks a resolver about whatever it does not read as one of these.
bool is_value(std::string_view text) {
  if (is_number(text, 5) || is_mac(text)) return true;
  const auto slash = text.find('/');
  if (slash != text.npos && !is_number(text.substr(slash + 1), 3)) return false;
  const std::string address(text.substr(0, slash));
  in6_addr room;
  return inet_pton(AF_INET, address.c_str(), &room) == 1 || inet_pton(AF_INET6, address.c_str(), &room) == 1;
}

// "6000-6063", behind `portrange` alone: elsewhere libpcap would take it for a name.
bool is_port_range(std::string_view text) {
  const auto hyphen = text.find('-');
  return hyphen != text.npos && is_number(text.substr(0, hyphen), 5) && is_number(text.substr(hyphen + 1), 5);
}

// libpcap looks for all that stands after a `vlan` behind its tag, whatever brackets say: only in front is that what
// it reads like.
bool only_vlans(const std::vector<Token>& tokens, std::size_t before) {
  return std::ranges::all_of(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(before), [](const Token& t) {
    return t.text == "vlan" || t.text == "and" || t.text == "&&" || is_number(t.text, 5);
  });
}

std::string problems_of(const std::vector<Token>& tokens) {
  std::string problems;
  const auto tell = [&](const Token& token, std::string_view what) {
    problems += fmt::format("{}column {}: {}", problems.empty() ? "" : "; ", token.column, what);
  };
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto& token = tokens[i];
    const bool range = i != 0 && tokens[i - 1].text == "portrange" && is_port_range(token.text);
    if (token.text == "vlan" && !only_vlans(tokens, i))
      tell(token, "`vlan` has to stand first, such as `vlan 20 and host 10.1.2.3`");
    else if (!range && std::ranges::find(kWords, token.text) == kWords.end() && !is_value(token.text))
      tell(token, fmt::format("expected a number, an address or one of {}; found \"{}\". Names are not looked up",
                              fmt::join(std::span(kWords).first(kSpelt), ", "), token.text));
  }
  return problems;
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= ' ' && c <= '~') || c == '\t'; });
}

struct CloseForm {
  void operator()(pcap_t* form) const { pcap_close(form); }
};

Result<std::vector<bpf_insn>> compile(const std::string& text) {
  constexpr int kLongestFrame = 262144;
  const std::unique_ptr<pcap_t, CloseForm> form(pcap_open_dead(DLT_EN10MB, kLongestFrame));
  bpf_program program{};
  if (!form || pcap_compile(form.get(), &program, text.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
    return fail("capture.filter", fmt::format("\"{}\"", text),
                fmt::format("{}; expected tcpdump's words, such as `host 10.1.2.3 and port 104`",
                            form ? pcap_geterr(form.get()) : "no memory for a filter"));
  std::vector<bpf_insn> instructions(program.bf_insns, program.bf_insns + program.bf_len);
  pcap_freecode(&program);
  return instructions;
}

}  // namespace

Result<Filter> read_filter(std::string_view text) {
  if (text.size() > kLongestFilter || !is_printable(text))
    return fail("capture.filter", {},
                fmt::format("a filter has at most {} bytes, all of them printable ASCII", kLongestFilter));
  const auto tokens = tokens_of(text);
  if (tokens.empty())
    return fail("capture.filter", {}, "the filter is empty; expected tcpdump's words, such as `host 10.1.2.3`");
  if (auto problems = problems_of(tokens); !problems.empty())
    return fail("capture.filter", fmt::format("\"{}\"", text), std::move(problems));
  auto program = compile(std::string(text));
  if (!program) return std::unexpected(program.error());
  return Filter::make(std::move(*program), tokens.front().text == "vlan");
}

}  // namespace wardline::capture
