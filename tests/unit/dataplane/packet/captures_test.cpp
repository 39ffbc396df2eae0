// The parser on every test capture: the malformed ones without a read too far, the well-formed ones against the flows
// that another analyser found in them.
#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <tuple>

#include "controlplane/replay/capture_reader.h"
#include "dataplane/packet/packet_view.h"
#include "tests/unit/captures.h"
#include "tests/unit/packet_builder.h"

namespace wardline::packet {
namespace {

using End = std::pair<Address, std::uint16_t>;
using Flow = std::tuple<std::uint8_t, End, End>;

Flow flow_of(std::uint8_t proto, const End& one, const End& two) {
  return {proto, std::min(one, two), std::max(one, two)};
}

End end_of(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::uint16_t port = 0;
  std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
  return {test::address(text.substr(0, colon)), port};
}

struct Found {
  std::map<Flow, int> flows;
  int malformed = 0;
};

Found read(const std::filesystem::path& file) {
  Found found;
  auto reader = replay::CaptureReader::open(file);
  if (!reader) return found;
  while (const auto frame = reader->next()) {
    const PacketView view = parse(frame->bytes);
    found.malformed += view.shape == Shape::kMalformed ? 1 : 0;
    if (view.l4 != L4::kTcp && view.l4 != L4::kUdp) continue;
    ++found.flows[flow_of(view.proto, {view.source, view.source_port}, {view.target, view.target_port})];
  }
  return found;
}

// The other analyser looks into tunnels, which are one flow to a wire.
bool has_tunnel(const nlohmann::json& fact) {
  for (const char* tunnel : {"pppoes", "mpls", "vxlan", "gre", "teredo", "vntag", "erspan", "gtp", "l2tp", "6in4"}) {
    if (fact["protocols"].contains(tunnel)) return true;
  }
  return false;
}

// It counts packets that ICMP errors quote as if they crossed, and mixes their addresses with the outer ones.
bool has_quoted_packets(const nlohmann::json& fact) {
  return std::ranges::any_of(
      fact["flows"], [](const auto& flow) { return std::ranges::find(flow["app"], "icmp") != flow["app"].end(); });
}

// It lists a flow once for each of several runs.
std::map<Flow, int> expected_flows(const nlohmann::json& fact) {
  std::map<Flow, int> flows;
  for (const auto& listed : fact["flows"]) {
    const std::uint8_t proto = listed["p"] == "tcp" ? kProtoTcp : kProtoUdp;
    flows[flow_of(proto, end_of(listed["src"]), end_of(listed["dst"]))] += listed["n"].get<int>();
  }
  return flows;
}

TEST(Captures, FlowsHaveAsManyPacketsAsAnotherAnalyserCounted) {
  const auto facts = test::capture_facts();
  if (facts.empty()) GTEST_SKIP() << test::kNoCaptures;
  int compared = 0;
  for (const std::string& line : facts) {
    const auto fact = nlohmann::json::parse(line);
    const auto file = fact["file"].get<std::string>();
    if (file.starts_with("malformed/") || has_tunnel(fact) || has_quoted_packets(fact)) continue;
    const Found found = read(test::captures() / file);
    const bool all_listed = fact["flows"].size() == fact["n_flows"].get<std::size_t>();
    for (const auto& [flow, expected] : expected_flows(fact)) {
      const auto at = found.flows.find(flow);
      const int count = at == found.flows.end() ? 0 : at->second;
      EXPECT_LE(expected, count + found.malformed) << file << " port " << std::get<1>(flow).second;
      if (all_listed) {
        EXPECT_GE(expected, count) << file << " port " << std::get<1>(flow).second;
      }
      ++compared;
    }
  }
  EXPECT_GT(compared, 1000);
}

TEST(Captures, NoMalformedFrameIsReadBeyondItsEnd) {
  const auto files = test::captures_in("malformed");
  if (files.empty()) GTEST_SKIP() << test::kNoCaptures;
  int malformed = 0;
  for (const auto& file : files) {
    auto reader = replay::CaptureReader::open(file);
    if (!reader) continue;
    while (const auto captured = reader->next()) {
      const auto copy = std::make_unique<std::byte[]>(captured->bytes.size());  // exact, for the sanitizer
      std::ranges::copy(captured->bytes, copy.get());
      const std::span<const std::byte> frame(copy.get(), captured->bytes.size());
      const PacketView view = parse(frame);
      checksum_holds(view, frame);
      malformed += view.shape == Shape::kMalformed ? 1 : 0;
    }
  }
  EXPECT_GT(malformed, 100);
}

}  // namespace
}  // namespace wardline::packet
