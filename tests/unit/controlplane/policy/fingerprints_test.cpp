#include "controlplane/policy/fingerprints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wardline::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

struct ReadFingerprints {
  std::vector<DeviceFingerprint> all;
  Errors errors;
};

ReadFingerprints read_them(const std::string& entries) {
  ReadFingerprints result;
  const auto document = YamlDocument::parse("fingerprints:\n" + entries, "fingerprints/some.yaml", result.errors);
  if (document) read_fingerprints(document->root(), result.all);
  check_fingerprint_ids(result.all, result.errors);
  return result;
}

std::string entry(const std::string& when, const std::string& sets, const std::string& match,
                  const std::string& no_match = "") {
  return "  - id: some\n    title: Some device\n    when: {" + when + "}\n    sets: {" + sets +
         "}\n    source: its manual\n    examples:\n      match: [{" + match + "}]\n" +
         (no_match.empty() ? "" : "      no_match: [{" + no_match + "}]\n");
}

TEST(Fingerprints, TellWhatTheySetWhereAllConditionsAreMet) {
  const auto [all, errors] = read_them(entry("dhcp.vendor_class: '^udhcp', dhcp.hostname: '^DCS-'", "kind: ip camera",
                                             "dhcp.vendor_class: udhcp 1.22, dhcp.hostname: DCS-935L"));
  ASSERT_THAT(errors, IsEmpty());
  const Seen both[] = {{"dhcp.hostname", "other"}, {"dhcp.hostname", "DCS-1"}, {"dhcp.vendor_class", "udhcp 1"}};
  EXPECT_THAT(all.at(0).told_by(both), ElementsAre(Pair("kind", "ip camera")));
  EXPECT_THAT(all.at(0).told_by(std::span(both).first(2)), IsEmpty()) << "one condition is not met";
}

TEST(Fingerprints, FillInWhatTheFirstPatternFound) {
  const auto [all, errors] = read_them(entry("http.server: '^(DCS-[0-9A-Z]+)/([0-9.]+)'",
                                             "product: 'camera \\1', firmware: '\\2'", "http.server: DCS-935L/1.0"));
  ASSERT_THAT(errors, IsEmpty());
  const Seen seen[] = {{"http.server", "DCS-2130L/2.4"}};
  EXPECT_THAT(all.at(0).told_by(seen), ElementsAre(Pair("product", "camera DCS-2130L"), Pair("firmware", "2.4")));
}

TEST(Fingerprints, AreFoundByTheAttributesTheyAskFor) {
  const DeviceFingerprints fingerprints(read_them(entry("dhcp.vendor_class: '^a', dhcp.hostname: 'b'", "kind: x",
                                                        "dhcp.vendor_class: a, dhcp.hostname: b"))
                                            .all);
  EXPECT_THAT(fingerprints.asking("dhcp.hostname"), ElementsAre(0U));
  EXPECT_THAT(fingerprints.asking("dhcp.params"), IsEmpty());
}

struct Bad {
  std::string text, said;
};

TEST(Fingerprints, FaultsAreToldWhereTheyStand) {
  const std::vector<Bad> bad{
      {entry("dhcp.vendorclass: a", "kind: x", "dhcp.vendor_class: a"), "did you mean 'dhcp.vendor_class'?"},
      {entry("kind: a", "maker: x", "dhcp.vendor_class: a"), "'kind' has no place here"},
      {entry("dhcp.hostname: a", "ward: x", "dhcp.hostname: a"), "'ward' has no place here"},
      {entry("dhcp.hostname: 'a('", "kind: x", "dhcp.hostname: a"), "is no regular expression"},
      {entry("dhcp.hostname: '(a)\\1'", "kind: x", "dhcp.hostname: a"), "refers back to a group"},
      {entry("dhcp.hostname: 'a'", "product: '\\1'", "dhcp.hostname: a"), "group 1 is asked for"},
      {entry("dhcp.hostname: '^a'", "kind: x", "dhcp.hostname: ba"), "says nothing of this example"},
      {entry("dhcp.hostname: 'a'", "kind: x", "dhcp.hostname: a", "dhcp.hostname: ba"), "says something"},
      {entry("dhcp.hostname: a", "kind: x", "dhcp.hostname: a") +
           entry("dhcp.hostname: b", "kind: z", "dhcp.hostname: b"),
       "stands already at fingerprints/some.yaml:2"},
  };
  for (const auto& [text, said] : bad) {
    const auto result = read_them(text);
    ASSERT_FALSE(result.errors.empty()) << text;
    EXPECT_THAT(result.errors[0].what, HasSubstr(said)) << text;
    EXPECT_THAT(result.errors[0].where, HasSubstr("fingerprints/some.yaml:"));
  }
}

}  // namespace
}  // namespace wardline::policy
