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

// A signature's example as it is scanned: under each transport and sender of its own, or those that it names.
template <typename Judge>
void each_way(const SignatureEntry& entry, const SignatureExample& example, const SignatureSet& set, Errors& errors,
              Judge fault_of) {
  using classify::Sender, classify::Transport;
  classify::ScanInput input;
  input.server_port = example.server_port;
  input.bytes = std::as_bytes(std::span(example.payload));
  if (example.app) input.app = set.app(example.app->text).value_or(kNoApp);
  if (!example.app) input.app = entry.traits.within[0];
  bool scanned = false;
  for (const auto transport : {Transport::kTcp, Transport::kUdp})
    for (const auto sender : {Sender::kClient, Sender::kServer}) {
      const bool wanted = (transport == Transport::kTcp ? entry.traits.tcp : entry.traits.udp) &&
                          (sender == Sender::kClient ? entry.traits.from_client : entry.traits.from_server);
      if (!wanted || example.transport.value_or(transport) != transport || example.sender.value_or(sender) != sender)
        continue;
      scanned = true;
      input.transport = transport, input.sender = sender;
      const std::string fault = fault_of(input);
      if (fault.empty()) continue;
      errors.push_back(
          {"signature.example", example.at.text(),
           fmt::format("the example of {} {}, as {} from the {}", entry.text.id, fault,
                       transport == Transport::kTcp ? "TCP" : "UDP", sender == Sender::kClient ? "client" : "server")});
      return;  // one sentence an example
    }
  if (!scanned)
    errors.push_back({"signature.example", example.at.text(),
                      "the example's side and transport are not among those of its signature, so it proves nothing"});
}

std::string fault_of_raising(bool raised, bool must_match, std::string_view what) {
  if (raised == must_match) return "";
  return raised ? fmt::format("must not raise this {}, but does", what)
                : fmt::format("must raise this {}, but does not", what);
}

std::string fault_of(const SignatureExample& example, SignatureId id, const SignatureSet& set,
                     const classify::ScanInput& input) {
  const auto hits = set.databases->scan(input, 0);
  if (hits.outcome == classify::ScanOutcome::kFailed) return "the scan failed";
  const auto& text = set.texts[id];
  const auto& traits = set.traits[id];
  if (traits.threat) {
    const auto end = hits.threats.begin() + hits.threat_count;
    return fault_of_raising(std::find(hits.threats.begin(), end, id) != end, example.must_match, "threat");
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

std::string fault_of_device(const SignatureExample& example, std::size_t place, const std::string& id,
                            const DeviceSignatures& devices, const classify::ScanInput& input) {
  auto fault = fault_of_raising(devices.matches(place, input), example.must_match, "device");
  if (!fault.empty() || example.tells.empty()) return fault;
  const auto told = devices.ask(input);
  for (const auto& [attribute, value] : example.tells) {
    std::vector<std::string> found;
    for (const auto& each : told)
      if (each.id == id && each.attribute == attribute.text) found.push_back("'" + each.value + "'");
    if (std::ranges::find(found, "'" + value + "'") == found.end())
      return fmt::format("must give {} '{}', but gives {}", attribute.text, value,
                         found.empty() ? "nothing" : fmt::format("{}", fmt::join(found, ", ")));
  }
  return "";
}

}  // namespace

std::optional<std::string> decode_payload(const std::string& written) {
  constexpr std::string_view kHex = "hex:";
  return written.starts_with(kHex) ? decode_hex(std::string_view(written).substr(kHex.size())) : decode_text(written);
}

void check_examples(std::span<const SignatureEntry> entries, const SignatureSet& set, Errors& errors) {
  for (std::size_t id = 0; id < entries.size(); ++id)
    for (const auto& example : entries[id].examples)
      each_way(entries[id], example, set, errors, [&](const classify::ScanInput& input) {
        return fault_of(example, static_cast<SignatureId>(id), set, input);
      });
}

void check_device_examples(std::span<const SignatureEntry> entries, const SignatureSet& set, Errors& errors) {
  if (!set.devices) return;
  for (std::size_t place = 0; place < entries.size(); ++place)
    for (const auto& example : entries[place].examples)
      each_way(entries[place], example, set, errors, [&](const classify::ScanInput& input) {
        return fault_of_device(example, place, entries[place].text.id, *set.devices, input);
      });
}

}  // namespace wardline::policy
