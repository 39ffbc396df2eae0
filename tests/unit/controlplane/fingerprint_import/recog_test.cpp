#include "controlplane/fingerprint_import/recog.h"

#include <gtest/gtest.h>

#include "controlplane/fingerprint_import/recog_params.h"
#include "tests/unit/controlplane/fingerprint_import/imported.h"

namespace wardline::fingerprint_import {
namespace {

std::string recog(const std::string& entries, const std::string& matches = "ssh.banner") {
  return "<?xml version=\"1.0\"?>\n<fingerprints matches=\"" + matches + "\">\n" + entries + "</fingerprints>\n";
}

std::string entry(const std::string& pattern, const std::string& example, const std::string& params) {
  return "<fingerprint pattern=\"" + pattern + "\"><description>Lab device</description>" + example + params +
         "</fingerprint>\n";
}

const std::string kProgram = R"(<param pos="0" name="service.product" value="LabShell"/>)";

std::vector<std::pair<std::string, std::string>> conclusions(const std::string& params) {
  pugi::xml_document document;
  document.load_string(("<fingerprint>" + params + "</fingerprint>").c_str());
  return conclusions_of(read_params(document.document_element()));
}

using Sets = std::vector<std::pair<std::string, std::string>>;

TEST(Recog, AnEntryBecomesOneOfTheEvidenceThatHoldsTheSame) {
  const auto import =
      imported(recog(entry(R"(^LabShell_([\d.]+)$)", R"(<example service.version="2.1">LabShell_2.1</example>)",
                           kProgram + R"(<param pos="1" name="service.version"/>)")),
               "lab_ssh.xml");
  EXPECT_EQ(import.yaml,
            "fingerprints:\n"
            "  - id: recog-lab-ssh-lab-device\n"
            "    title: 'Lab device'\n"
            "    when: {ssh.software: '^LabShell_([\\d.]+)$'}\n"
            "    sets: {software: 'LabShell \\1'}\n"
            "    source: 'lab_ssh.xml line 3'\n"
            "    examples: {match: [{ssh.software: 'LabShell_2.1'}]}\n");
}

TEST(Recog, AnExampleThatFailsRefusesItsEntry) {
  EXPECT_EQ(reason_of(recog(entry("^Lab$", "<example>Other</example>", kProgram)), "a.xml"),
            "its example 'Other' is not found in 'Other' as kept here");
  EXPECT_EQ(reason_of(recog(entry("^Lab ([0-9])", R"(<example service.version="3">Lab 2</example>)",
                                  kProgram + R"(<param pos="1" name="service.version"/>)")),
                      "a.xml"),
            "its example 'Lab 2' gives service.version '2', expected '3'");
  EXPECT_EQ(reason_of(recog(entry("^Lab", "", kProgram)), "a.xml"), "it has no example to check it by");
}

TEST(Recog, AnExampleInBase64IsRunAsWhatItStandsFor) {
  const auto reason = [](const std::string& example) {
    return reason_of(recog(entry("^Lab$", example, kProgram)), "a.xml");
  };
  EXPECT_EQ(reason(R"(<example _encoding="base64">TGFi</example>)"), "carried");
  EXPECT_EQ(reason(R"(<example _encoding="base64">T?</example>)"),
            "its example 'T?' is not the base64 that it is said to be");
  EXPECT_TRUE(reason(R"(<example _filename="a.txt"/>)").starts_with("an example in a file of its own"));
}

TEST(Recog, AGreetingIsTakenAsItsObserverTellsIt) {
  const auto dated =
      recog(entry("Lab Mail", "<example>a.lab Lab Mail; Mon, 2 Feb 2026 10:00:00</example>", kProgram), "smtp.banner");
  const auto import = imported(dated, "a.xml");
  EXPECT_NE(import.yaml.find("{smtp.banner: 'a.lab Lab Mail'}"), std::string::npos) << import.yaml;
  EXPECT_TRUE(reason_of(recog(entry("Lab Mail; Mon", "<example>Lab Mail; Mon, 2 Feb 2026 10:00:00</example>", kProgram),
                              "smtp.banner"),
                        "a.xml")
                  .starts_with("its example 'Lab Mail; Mon, 2 Feb 2026 10:00:00' is not found"));
}

TEST(Recog, WhatRe2OrTheEvidenceCannotDoIsRefusedWithTheReason) {
  const std::string example = "<example>Lab</example>";
  EXPECT_NE(reason_of(recog(entry("Lab(?=x)", example, kProgram)), "a.xml").find("no regular expression"),
            std::string::npos);
  EXPECT_EQ(reason_of(recog(entry("Lab", example, kProgram), "mysql.banner"), "a.xml"),
            "no evidence here holds what 'mysql.banner' is");
  EXPECT_EQ(reason_of(recog(entry("Lab", example, "")), "a.xml"),
            "it names no maker, product, kind, software or operating system");
  EXPECT_EQ(reason_of(recog("<fingerprint pattern=\"Lab\" flags=\"REG_ODD\"/>"), "a.xml"),
            "the flag 'REG_ODD' of its pattern is not known here");
  EXPECT_EQ(reason_of(recog(entry("Lab", example, R"(<param pos="4" name="os.product"/>)")), "a.xml"),
            "os.product asks for group 4; its pattern has 0");
}

TEST(Recog, TheFlagAboutCaseIsPartOfThePattern) {
  const auto import = imported(
      recog("<fingerprint pattern=\"^lab$\" flags=\"REG_ICASE\"><example>LAB</example>" + kProgram + "</fingerprint>"),
      "a.xml");
  EXPECT_NE(import.yaml.find("'(?i)^lab$'"), std::string::npos) << import.yaml;
}

TEST(RecogParams, HardwareGoesBeforeFirmwareAndNamesAreFilledIn) {
  EXPECT_EQ(conclusions(R"(<param pos="0" name="hw.vendor" value="Acme"/><param pos="0" name="hw.family" value="Print"/>
                           <param pos="1" name="hw.model"/><param pos="0" name="hw.product" value="{hw.family} {hw.model}"/>
                           <param pos="0" name="hw.device" value="Printer"/><param pos="0" name="os.vendor" value="Other"/>)"),
            (Sets{{"maker", "Acme"}, {"product", R"(Print \1)"}, {"kind", "printer"}}));
  EXPECT_EQ(
      conclusions(R"(<param pos="0" name="os.vendor" value="Acme"/><param pos="0" name="os.device" value="Switch"/>
                           <param pos="1" name="os.product"/><param pos="2" name="os.version"/>)"),
      (Sets{{"maker", "Acme"}, {"product", R"(\1)"}, {"kind", "switch"}, {"firmware", R"(\2)"}}));
  EXPECT_EQ(
      conclusions(R"(<param pos="0" name="os.vendor" value="LabSoft"/><param pos="0" name="os.device" value="General"/>
                           <param pos="0" name="os.product" value="LabOS"/><param pos="1" name="os.version"/>)"),
      (Sets{{"os", R"(LabOS \1)"}}));
}

TEST(RecogParams, WhatIsUnknownOrEndlessSaysNothing) {
  EXPECT_EQ(conclusions(R"(<param pos="0" name="os.product" value="Unknown"/>)"), Sets{});
  EXPECT_EQ(conclusions(R"(<param pos="0" name="os.product" value="{os.family}"/>
                           <param pos="0" name="os.family" value="{os.product}"/>)"),
            Sets{});
}

}  // namespace
}  // namespace wardline::fingerprint_import
