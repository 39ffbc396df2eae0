#include "controlplane/policy/signatures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "controlplane/policy/signature_examples.h"

namespace wardline::policy {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class Signatures : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "wardline-signatures-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((fs::path(folder_) / name).parent_path());
    std::ofstream(fs::path(folder_) / name) << text;
  }
  SignatureSet load() {
    errors_.clear();
    return load_signatures(folder_, "signatures/", "", 1, errors_);
  }
  std::vector<std::string> problems() {
    load();
    std::vector<std::string> texts;
    for (const auto& error : errors_) texts.push_back(error.text());
    return texts;
  }

  std::string folder_;
  Errors errors_;
};

// A good signature; `lines` are more keys, `pattern` and the examples may be replaced.
std::string one(const std::string& id, const std::string& proves, const std::string& pattern = "'^HELLO'",
                const std::string& lines = "", const std::string& match = "'HELLO'") {
  return "  - id: " + id + "\n    " + proves + "\n    transport: [tcp]\n    side: client\n    pattern: " + pattern +
         "\n    source: \"RFC 1\"\n" + lines + "    examples:\n      match: [" + match +
         "]\n      no_match: ['OTHER']\n";
}

TEST_F(Signatures, AreNumberedInTheOrderOfTheirPathsBehindTheBuiltInApplications) {
  write("b.yaml", "signatures:\n" + one("second", "application: two", "'^TWO'", "", "'TWO'"));
  write("a/x.yaml", "signatures:\n" + one("first", "application: one"));
  const auto set = load();
  ASSERT_THAT(errors_, SizeIs(0)) << errors_[0].text();
  EXPECT_EQ(set.app_names[0], "unknown");
  EXPECT_EQ(set.texts[0].id, "first");
  EXPECT_EQ(set.texts[0].at.text(), "signatures/a/x.yaml:2:5");
  EXPECT_EQ(*set.app("one") + 1, *set.app("two"));
  EXPECT_EQ(set.app_protos[*set.app("one")], "tcp");
  EXPECT_FALSE(set.app("three").has_value());
}

TEST_F(Signatures, AnApplicationKeepsItsNumberWhenAReloadBringsAnotherBeforeIt) {
  write("m.yaml", "signatures:\n" + one("middle-x", "application: middle"));
  const auto former = load();
  write("a.yaml", "signatures:\n" + one("early-x", "application: early", "'^EARLY'", "", "'EARLY'"));
  const auto next = load();
  ASSERT_THAT(errors_, SizeIs(0)) << errors_[0].text();
  EXPECT_EQ(*former.app("middle"), *next.app("middle"));
  EXPECT_NE(*next.app("early"), *next.app("middle"));
  EXPECT_EQ(next.app_names.size(), next.app_traits.size());
}

TEST_F(Signatures, ApplicationsThatTheCodeKnowsAreFoundByName) {
  write("a.yaml", "signatures:\n" + one("dicom-x", "application: dicom") +
                      one("ssh-x", "application: ssh", "'^SSH'", "", "'SSH'"));
  const auto set = load();
  ASSERT_THAT(errors_, SizeIs(0));
  EXPECT_EQ(set.known.dicom, *set.app("dicom"));
  EXPECT_EQ(set.known.icmp, *set.app("icmp"));
  EXPECT_EQ(set.known.tls, kNoApp);
  EXPECT_TRUE(set.app_traits[set.known.dicom].copy_first_bytes);
  EXPECT_TRUE(set.app_traits[*set.app("ssh")].server_first);
}

TEST_F(Signatures, AFolderThatIsNotThereHoldsOnlyTheBuiltInApplications) {
  Errors errors;
  const auto set = load_signatures(folder_ + "/none", "signatures/", "", 1, errors);
  EXPECT_THAT(errors, SizeIs(0));
  EXPECT_TRUE(set.app("icmp").has_value());
  EXPECT_TRUE(set.databases != nullptr);
}

TEST_F(Signatures, EveryFaultOfEveryFileComesOutAtItsPlace) {
  write("a.yaml",
        "signatures:\n" + one("one", "application: unclassified") + one("two", "application: two", "'^(open'"));
  write("b.yaml", "signatures:\n" + one("one", "threat: \"x\"", "'[z-a]'", "    severty: high\n"));
  const auto found = problems();
  EXPECT_THAT(found, Contains(HasSubstr("signatures/a.yaml:3:18: the application name 'unclassified'")));
  EXPECT_THAT(found, Contains(HasSubstr("signatures/a.yaml:15:14: expected a regular expression")));
  EXPECT_THAT(found, Contains(HasSubstr("signatures/b.yaml:6:14: expected a regular expression")));
  EXPECT_THAT(found, Contains(HasSubstr("did you mean 'severity'")));
  EXPECT_THAT(found,
              Contains(HasSubstr("signatures/b.yaml:2:5: the id 'one' stands at signatures/a.yaml:2:5 already")));
}

TEST_F(Signatures, AnExampleThatDoesNotYieldItsApplicationIsAFault) {
  write("a.yaml", "signatures:\n" + one("one", "application: one", "'^HELLO'", "", "'GOODBYE'"));
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("a.yaml:9:15: the example of one must be one, but is nothing known")));
}

TEST_F(Signatures, ANewSignatureThatWinsOverAnothersExampleIsAFault) {
  write("a.yaml", "signatures:\n" + one("one", "application: one"));
  write("b.yaml", "signatures:\n" + one("greedy", "application: two", "'^HE'", "    confidence: 99\n"));
  EXPECT_THAT(problems(),
              ElementsAre(HasSubstr("must be one, but is two, by the signature greedy with confidence 99")));
}

TEST_F(Signatures, ThreatsCarrySeverityTechniqueAndWhetherTheyDrop) {
  write("a.yaml", "signatures:\n" + one("bad", "threat: \"a known attack\"", "'HELLO'",
                                        "    severity: critical\n    technique: T1110.001\n    drops: true\n"));
  const auto set = load();
  ASSERT_THAT(errors_, SizeIs(0)) << errors_[0].text();
  EXPECT_TRUE(set.traits[0].threat && set.texts[0].drops);
  EXPECT_EQ(set.traits[0].severity, 10);
  EXPECT_EQ(set.texts[0].technique, "T1110.001");
  EXPECT_EQ(set.traits[0].app, kNoApp);
}

TEST_F(Signatures, WhatOnlyThreatsOrOnlyDatagramsHaveIsRefusedElsewhere) {
  write("a.yaml", "signatures:\n" + one("x", "application: x", "'^HELLO'", "    drops: true\n    exact_length: 5\n") +
                      one("y", "threat: \"y\"", "'HELLO'", "    severity: high\n    technique: \"1110\"\n"));
  const auto found = problems();
  EXPECT_THAT(found, Contains(HasSubstr("only threats have severity, technique and drops")));
  EXPECT_THAT(found, Contains(HasSubstr("exact_length is for datagrams")));
  EXPECT_THAT(found, Contains(HasSubstr("expected a MITRE ATT&CK technique")));
}

TEST_F(Signatures, DeviceSignaturesAreRefusedInWords) {
  write("a.yaml", "signatures:\n" + one("x", "device: pump"));
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("identify: evidence:")));
}

TEST(SignaturePayload, IsReadFromHexWithRepeatsAndFromEscapedText) {
  EXPECT_EQ(decode_payload("hex: 01 00*3 fF"), std::string("\x01\0\0\0\xff", 5));
  EXPECT_EQ(decode_payload("a\\r\\n\\x0b\\\\\\0"), std::string("a\r\n\x0b\\\0", 6));
  for (const auto* wrong : {"hex: 0", "hex: 0g", "hex: 00*", "hex: 00*0", "hex: 00*99999999", "\\q", "\\x1", "\\"})
    EXPECT_FALSE(decode_payload(wrong).has_value()) << wrong;
}

}  // namespace
}  // namespace wardline::policy
