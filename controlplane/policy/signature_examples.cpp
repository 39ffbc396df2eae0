#include "controlplane/policy/signature_examples.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace wardline::policy {
namespace {

constexpr std::size_t kMaxPayload = 65535;

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// The byte that the two digits at `at` write.
std::optional<char> hex_byte(std::string_view text, std::size_t at) {
  if (at + 2 > text.size()) return std::nullopt;
  const auto high = hex_digit(text[at]), low = hex_digit(text[at + 1]);
  if (!high || !low) return std::nullopt;
  return static_cast<char>(*high << 4 | *low);
}

std::optional<std::string> decode_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == ' ' || text[i] == '\n') {
      ++i;
      continue;
    }
    const auto byte = hex_byte(text, i);
    if (!byte) return std::nullopt;
    i += 2;
    std::size_t count = 1;
    if (i < text.size() && text[i] == '*') {
      const auto read = std::from_chars(text.data() + i + 1, text.data() + text.size(), count);
      if (read.ec != std::errc{} || count == 0) return std::nullopt;
      i = static_cast<std::size_t>(read.ptr - text.data());
    }
    if (count > kMaxPayload || bytes.size() + count > kMaxPayload) return std::nullopt;
    bytes.append(count, *byte);
  }
  return bytes;
}

std::optional<std::string> decode_text(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes += text[i];
      continue;
    }
    if (++i == text.size()) return std::nullopt;
    switch (text[i]) {
      case 'r':
        bytes += '\r';
        break;
      case 'n':
        bytes += '\n';
        break;
      case 't':
        bytes += '\t';
        break;
      case '0':
        bytes += '\0';
        break;
      case '\\':
        bytes += '\\';
        break;
      case 'x': {
        const auto byte = hex_byte(text, i + 1);
        if (!byte) return std::nullopt;
        bytes += *byte;
        i += 2;
        break;
      }
      default:
        return std::nullopt;
    }
  }
  return bytes;
}

// One example under one transport and sender: what is wrong with the outcome, or "".
std::string fault_of(const SignatureExample& example, SignatureId id, const SignatureSet& set,
                     classify::Transport transport, classify::Sender sender) {
  const auto hits = set.databases->scan({.transport = transport,
                                         .sender = sender,
                                         .server_port = example.server_port,
                                         .bytes = std::as_bytes(std::span(example.payload))},
                                        0);
  if (hits.outcome == classify::ScanOutcome::kFailed) return "the scan failed";
  const auto& text = set.texts[id];
  const auto& traits = set.traits[id];
  if (traits.threat) {
    const auto end = hits.threats.begin() + hits.threat_count;
    const bool raised = std::find(hits.threats.begin(), end, id) != end;
    if (raised == example.must_match) return "";
    return raised ? "must not raise this threat, but does" : "must raise this threat, but does not";
  }
  if ((hits.app == traits.app) == example.must_match) return "";
  if (!example.must_match)
    return fmt::format("must not be {}, but is, by the signature {}", text.application,
                       set.texts[hits.app_signature].id);
  return hits.app == kNoApp
             ? fmt::format("must be {}, but is nothing known", text.application)
             : fmt::format("must be {}, but is {}, by the signature {} with confidence {}", text.application,
                           set.app_names[hits.app], set.texts[hits.app_signature].id, hits.confidence);
}

void check_example(const SignatureExample& example, SignatureId id, const SignatureSet& set, Errors& errors) {
  using classify::Sender, classify::Transport;
  const auto& traits = set.traits[id];
  bool scanned = false;
  for (const auto transport : {Transport::kTcp, Transport::kUdp})
    for (const auto sender : {Sender::kClient, Sender::kServer}) {
      const bool wanted = (transport == Transport::kTcp ? traits.tcp : traits.udp) &&
                          (sender == Sender::kClient ? traits.from_client : traits.from_server);
      if (!wanted || example.transport.value_or(transport) != transport || example.sender.value_or(sender) != sender)
        continue;
      scanned = true;
      const auto fault = fault_of(example, id, set, transport, sender);
      if (fault.empty()) continue;
      errors.push_back(
          {"signature.example", example.at.text(),
           fmt::format("the example of {} {}, as {} from the {}", set.texts[id].id, fault,
                       transport == Transport::kTcp ? "TCP" : "UDP", sender == Sender::kClient ? "client" : "server")});
      return;  // one sentence an example
    }
  if (!scanned)
    errors.push_back({"signature.example", example.at.text(),
                      "the example's side and transport are not among those of its signature, so it proves nothing"});
}

}  // namespace

std::optional<std::string> decode_payload(const std::string& written) {
  constexpr std::string_view kHex = "hex:";
  return written.starts_with(kHex) ? decode_hex(std::string_view(written).substr(kHex.size())) : decode_text(written);
}

void check_examples(std::span<const SignatureEntry> entries, const SignatureSet& set, Errors& errors) {
  for (std::size_t id = 0; id < entries.size(); ++id)
    for (const auto& example : entries[id].examples) check_example(example, static_cast<SignatureId>(id), set, errors);
}

}  // namespace wardline::policy
