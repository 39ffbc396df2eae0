// Facts of the test captures, compared with what others read in them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "dataplane/facts/quic_hello.h"
#include "dataplane/facts/wire_text.h"
#include "tests/unit/captures.h"
#include "tests/unit/dataplane/facts/capture_payloads.h"

namespace wardline::facts {
namespace {

namespace fs = std::filesystem;

// Who speaks TLS shows by its first bytes, so that both readers may look at every side.
FactSet hello_facts(const std::string& key, const SentBytes& sent) {
  FactSet facts;
  if (key.starts_with("tcp")) {
    read_tls(sent.stream, true, facts);
    return facts;
  }
  QuicHello hello;
  for (const auto& datagram : sent.datagrams) {
    hello.take(datagram);
    if (facts.values().empty()) read_tls(datagram, true, facts);
  }
  hello.add_facts(facts);
  return facts;
}

// --- JA4 ---

// "192.168.1.168:50112 142.251.16.94:443": {name, ja4}, of each stream that has one.
std::map<std::string, std::pair<std::string, std::string>> expected_ja4(const fs::path& file) {
  std::map<std::string, std::pair<std::string, std::string>> streams;
  std::map<std::string, std::string> stream;
  const auto finish = [&] {
    if (!stream["ja4"].empty())
      streams[stream["transport"] + " " + stream["src"] + ":" + stream["src_port"] + " " + stream["dst"] + ":" +
              stream["dst_port"]] = {stream["tls_server_name"], stream["ja4"]};
    stream.clear();
  };
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("- stream")) finish();
    const auto colon = line.find(": ");
    if (line.starts_with("  ") && line[2] != ' ' && line[2] != '-' && colon != std::string::npos)
      stream[line.substr(2, colon - 2)] = line.substr(colon + 2);
  }
  finish();
  return streams;
}

// The program that made the expected values writes 9 for each letter of an ALPN that is no ASCII, which its project
// calls a fault: what is described, and done here, is a digit of its hexadecimal form.
bool same_ja4(std::string expected, const std::string& ours) {
  if (expected.substr(8, 2) == "99") expected.replace(8, 2, ours, 8, 2);
  return expected == ours;
}

TEST(CaptureFacts, Ja4IsThatOfTheFingerprintsOwnProject) {
  if (test::captures().empty()) GTEST_SKIP() << test::kNoCaptures;
  const auto folder = test::captures().parent_path() / "data/ja4/expected/rust";
  std::size_t compared = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    std::string name = entry.path().stem();  // ja4__insta@NAME.pcapng
    name = name.substr(name.find('@') + 1);
    std::ranges::replace(name, '_', '-');
    const auto expected = expected_ja4(entry.path());
    if (expected.empty()) continue;
    const auto sides = payloads_of_capture(test::captures() / "identity" / ("ja4-" + name));
    for (const auto& [key, wanted] : expected) {
      const auto side = sides.find(key);
      ASSERT_NE(side, sides.end()) << name << " " << key;
      const auto facts = hello_facts(key, side->second);
      EXPECT_EQ(value(facts, Fact::kTlsSni), wanted.first) << name << " " << key;
      EXPECT_PRED2(same_ja4, wanted.second, value(facts, Fact::kTlsJa4)) << name << " " << key;
      ++compared;
    }
  }
  std::cout << compared << " hellos compared\n";
  EXPECT_EQ(compared, 90u);
}

// --- What tshark read ---

std::string lower_text(std::string text) {
  std::ranges::transform(text, text.begin(), lower);
  return text;
}

// Hellos that stand inside another protocol or behind its greeting, and QUIC before its first standard.
const std::set<std::string> kHellosNotRead = {"it/mysql.pcapng", "it/openvpn.pcap", "it/quic-34.pcap",
                                              "identity/os-detected-tcp.pcapng"};

bool well_formed(const std::string& file) {
  return !file.starts_with("malformed/") && !file.starts_with("threats/");
}

// The values that the catalogue has of an attribute; of many it has some.
std::set<std::string> listed(const nlohmann::json& capture, const char* attribute) {
  std::set<std::string> found;
  if (capture["attrs"].contains(attribute))
    for (const auto& value : capture["attrs"][attribute]) found.insert(lower_text(value[0]));
  return found;
}

TEST(CaptureFacts, ServerNamesAndJa3AreThoseThatTsharkReads) {
  if (test::captures().empty()) GTEST_SKIP() << test::kNoCaptures;
  std::size_t names = 0, ja3s = 0;
  for (const auto& line : test::capture_facts()) {
    const auto capture = nlohmann::json::parse(line);
    const std::string file = capture["file"];
    const auto wanted_names = listed(capture, "tls.handshake.extensions_server_name");
    const auto wanted_ja3 = listed(capture, "tls.handshake.ja3");
    if (wanted_ja3.empty() || file.starts_with("malformed/") || kHellosNotRead.contains(file)) continue;
    std::set<std::string> found_names, found_ja3;
    for (const auto& [key, sent] : payloads_of_capture(test::captures() / file)) {
      const auto facts = hello_facts(key, sent);
      found_names.insert(value(facts, Fact::kTlsSni));
      found_ja3.insert(value(facts, Fact::kTlsJa3));
    }
    for (const auto& name : wanted_names) {
      EXPECT_TRUE(found_names.contains(name)) << file << " " << name;
      ++names;
    }
    for (const auto& ja3 : wanted_ja3) {
      EXPECT_TRUE(found_ja3.contains(ja3)) << file << " " << ja3;
      ++ja3s;
    }
  }
  std::cout << names << " names and " << ja3s << " JA3 compared\n";
  EXPECT_GE(names, 50u);
  EXPECT_GE(ja3s, 60u);
}

// The other way round, since a side's first message is not all that tshark read: what is read is among its values.
// Of lists as long as this the rest may be missing.
constexpr std::size_t kCutList = 5;

class AmongThoseOfTshark {
 public:
  AmongThoseOfTshark(const nlohmann::json& capture, const char* attribute, std::size_t& compared)
      : file_(capture["file"]), listed_(listed(capture, attribute)), compared_(compared) {}

  void expect(const std::vector<std::string>& values) {
    if (listed_.size() >= kCutList || listed_.empty()) return;
    for (const auto& text : values) {
      const auto ours = lower_text(text);
      EXPECT_TRUE(std::ranges::any_of(listed_, [&](const auto& theirs) { return theirs.starts_with(ours); }))
          << file_ << " " << text;
      ++compared_;
    }
  }

 private:
  std::string file_;
  std::set<std::string> listed_;
  std::size_t& compared_;
};

TEST(CaptureFacts, HttpAndDnsAreReadAsTsharkReadsThem) {
  if (test::captures().empty()) GTEST_SKIP() << test::kNoCaptures;
  std::size_t agents = 0, servers = 0, methods = 0, names = 0;
  for (const auto& line : test::capture_facts()) {
    const auto capture = nlohmann::json::parse(line);
    if (!well_formed(capture["file"])) continue;
    AmongThoseOfTshark agent(capture, "http.user_agent", agents), server(capture, "http.server", servers),
        method(capture, "http.request.method", methods), name(capture, "dns.qry.name", names);
    for (const auto& [key, sent] : payloads_of_capture(test::captures() / std::string(capture["file"]))) {
      const auto& head = sent.stream;
      const auto asked = read(read_http, head, true), answered = read(read_http, head, false);
      agent.expect(values(asked, Fact::kHttpUserAgent));
      method.expect(values(asked, Fact::kHttpMethod));
      server.expect(values(answered, Fact::kHttpServer));
      if (sent.to_port == 53 && !sent.datagrams.empty())
        name.expect(values(read(read_dns, sent.datagrams[0]), Fact::kDnsName));
    }
  }
  std::cout << agents << " agents, " << servers << " servers, " << methods << " methods, " << names << " names\n";
  EXPECT_GE(agents, 50u);
  EXPECT_GE(servers, 30u);
  EXPECT_GE(methods, 50u);
  EXPECT_GE(names, 10u);
}

}  // namespace
}  // namespace wardline::facts
