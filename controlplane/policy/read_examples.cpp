// `examples:` of a signature: bytes, and how they come.
#include "controlplane/policy/signature_examples.h"
#include "controlplane/policy/signature_reader.h"
#include "controlplane/policy/signature_words.h"

namespace wardline::policy {
namespace {

constexpr std::size_t kMaxExampleText = 16384;

// `captures: {os: "Windows 7"}`: what must come out of a device's example.
void read_told(const YamlValue& value, SignatureExample& example) {
  auto map = value.as_map();
  if (!map) return;
  map->each([&](const std::string& key, const Location& at, const YamlValue& told) {
    if (auto text = told.as_text(256)) example.tells.emplace_back(Word{key, at}, std::move(*text));
  });
}

YamlValue read_surroundings(YamlMap& map, SignatureExample& example) {
  const auto payload = map.require("payload");
  if (const auto port = map.get("port"))
    example.server_port = static_cast<std::uint16_t>(port.as_number(1, 65535, "a port").value_or(0));
  if (const auto side = map.get("side"))
    if (const auto word = side.as_word({"client", "server"}))
      example.sender = *word == 0 ? classify::Sender::kClient : classify::Sender::kServer;
  if (const auto transport = map.get("transport"))
    if (const auto word = transport.as_one_of(kTransportWords))
      example.transport = *word == 0 ? classify::Transport::kTcp : classify::Transport::kUdp;
  if (const auto app = map.get("app"))
    if (auto name = app.as_name()) example.app = Word{std::move(*name), app.at()};
  read_told(map.get("captures"), example);
  map.finish();
  return payload;
}

std::optional<SignatureExample> read_example(const YamlValue& value, bool must_match) {
  SignatureExample example;
  example.must_match = must_match;
  example.at = value.at();
  YamlValue payload = value;
  if (value.is_map()) {
    auto map = *value.as_map();
    payload = read_surroundings(map, example);
  }
  if (!payload) return std::nullopt;
  const auto written = payload.as_text(kMaxExampleText);
  if (!written) return std::nullopt;
  const auto decoded = decode_payload(*written);
  if (!decoded || decoded->empty()) {
    payload.error("signature.example",
                  "expected \"hex: 01 00*4 ff\" or a text with \\r \\n \\t \\0 \\\\ \\xNN, found '" +
                      written->substr(0, 60) + "'");
    return std::nullopt;
  }
  example.payload = *decoded;
  return example;
}

}  // namespace

void read_examples(YamlMap& map, SignatureEntry& entry) {
  const auto examples = map.require("examples");
  if (!examples) return;
  auto kinds = examples.as_map();
  if (!kinds) return;
  for (const bool must_match : {true, false})
    each_of(kinds->require(must_match ? "match" : "no_match"), "example", [&](const YamlValue& value) {
      auto example = read_example(value, must_match);
      if (!example) return;
      if (!example->tells.empty() && (entry.text.device.empty() || !must_match))
        value.error("signature.kind", "only a device's match example says what its captures must give");
      entry.examples.push_back(std::move(*example));
    });
  kinds->finish();
}

}  // namespace wardline::policy
