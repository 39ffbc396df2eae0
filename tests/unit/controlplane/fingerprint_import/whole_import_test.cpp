#include <gtest/gtest.h>

#include "tests/unit/controlplane/fingerprint_import/imported.h"

namespace wardline::fingerprint_import {
namespace {

std::string fault(const std::string& text, std::optional<Format> expected = std::nullopt) {
  const auto import = import_database(text, "lab.xml", expected);
  return import ? "" : import.error().text();
}

TEST(FingerprintImport, AFileThatIsNoDatabaseIsRefusedAsAWhole) {
  EXPECT_EQ(fault(""), "lab.xml: there is no fingerprint of Satori, Recog or p0f in it");
  EXPECT_EQ(fault("<a>\n <b>\n</a>"),
            "lab.xml:3:3: expected XML, found a fault (Start-end tags mismatch): get the file anew");
  EXPECT_EQ(fault("<!-- -->\n<SSH/>"),
            "lab.xml:2:1: expected <DHCP> of Satori's dhcp.xml or <fingerprints> of Recog, found <SSH>");
  EXPECT_EQ(fault("<fingerprints/>"), "lab.xml: there is no fingerprint of Satori, Recog or p0f in it");
}

TEST(FingerprintImport, TheFormatThatIsAskedForMustBeTheFiles) {
  EXPECT_EQ(fault("[tcp:request]\nsig = x\n", Format::kRecog),
            "lab.xml: expected a database of recog, found the form of p0f: leave --format out, or name that one");
}

TEST(FingerprintImport, NoEntityOfAFilesOwnIsRead) {
  const std::string type = "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/hostname\">]>\n";
  EXPECT_TRUE(fault("<?xml version=\"1.0\"?>\n" + type + "<fingerprints/>").contains("expected no document type"));
}

TEST(FingerprintImport, TooMuchIsRefusedBeforeItIsRead) {
  EXPECT_TRUE(fault(std::string((4U << 20U) + 1, '\n')).contains("expected at most 4194304 bytes, found 4194305"));
}

TEST(FingerprintImport, DeepNestingIsOnlyAFaultOfXml) {
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "<a>";
  EXPECT_TRUE(fault(deep).contains("expected XML"));
}

TEST(FingerprintImport, TextOfTheFileCannotWriteLinesOfAPolicy) {
  const std::string text =
      "<fingerprints matches=\"ssh.banner\"><fingerprint pattern=\"^a$\" certainty=\"1&#10;  - id: x\">"
      "<description>a&#10;b</description><example>a</example>"
      "<param pos=\"0\" name=\"service.product\" value=\"p\"/></fingerprint></fingerprints>";
  const auto import = imported(text, "a.xml");
  EXPECT_EQ(import.carried(), 1U);
  EXPECT_EQ(import.yaml.find("\n  - id: x"), std::string::npos);
  EXPECT_EQ(import.outcomes[0].title, "a\\u000ab");
}

TEST(FingerprintImport, AValueThatIsNoUtf8IsRefused) {
  const std::string text =
      "<fingerprints matches=\"ssh.banner\"><fingerprint pattern=\"a\"><example>a</example>"
      "<param pos=\"0\" name=\"service.product\" value=\"\xff\"/></fingerprint></fingerprints>";
  EXPECT_EQ(reason_of(text, "a.xml"), "its text holds what is no UTF-8 or cannot be shown");
}

TEST(FingerprintImport, NoFileIsWrittenThatAPolicyCouldNotHold) {
  constexpr std::size_t kEntries = 2000;
  std::string text = "<fingerprints matches=\"ssh.banner\">";
  for (std::size_t i = 0; i < kEntries; ++i) {
    const auto name = std::to_string(i) + std::string(200, 'x');
    text += "<fingerprint pattern=\"" + name + "\"><description>" + std::string(100, 'd') + "</description><example>" +
            name + "</example><param pos=\"0\" name=\"service.product\" value=\"p\"/></fingerprint>";
  }
  const auto import = imported(text + "</fingerprints>", "a.xml");
  EXPECT_LT(import.yaml.size(), 1U << 20U);
  EXPECT_GT(import.carried(), 1000U);
  EXPECT_LT(import.carried(), kEntries);
  EXPECT_EQ(import.outcomes.back().reason, "a file of fingerprints has no room for more: import the database in parts");
}

}  // namespace
}  // namespace wardline::fingerprint_import
