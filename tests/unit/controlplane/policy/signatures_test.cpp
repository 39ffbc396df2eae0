#include "controlplane/policy/signatures.h"

#include <gmock/gmock.h>

#include "controlplane/policy/signature_examples.h"
#include "signature_folder.h"

namespace wardline::policy {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

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

TEST_F(Signatures, ThreatsCarrySeverityTechniqueGroupsReferencesAndAProposedAction) {
  write("a.yaml", "signatures:\n" + one("bad", "threat: \"a known attack\"", "'HELLO'",
                                        "    severity: critical\n    technique: T1110.001\n    action: condemn\n"
                                        "    group: [worm, exploit]\n    reference: [CVE-2017-0144]\n"));
  const auto set = load();
  ASSERT_THAT(errors_, SizeIs(0)) << errors_[0].text();
  EXPECT_TRUE(set.traits[0].threat);
  EXPECT_EQ(set.texts[0].action, enforce::DetectionAction::kCondemn);
  EXPECT_THAT(set.texts[0].groups, ElementsAre("worm", "exploit"));
  EXPECT_THAT(set.texts[0].references, ElementsAre("CVE-2017-0144"));
  EXPECT_EQ(set.traits[0].severity, 10);
  EXPECT_EQ(set.texts[0].technique, "T1110.001");
  EXPECT_EQ(set.traits[0].app, kNoApp);
}

TEST_F(Signatures, WhatOnlyThreatsOrOnlyDatagramsHaveIsRefusedElsewhere) {
  write("a.yaml", "signatures:\n" +
                      one("x", "application: x", "'^HELLO'", "    severity: high\n    exact_length: 5\n") +
                      one("y", "threat: \"y\"", "'HELLO'", "    severity: high\n    technique: \"1110\"\n"));
  const auto found = problems();
  EXPECT_THAT(found, Contains(HasSubstr("only threats have 'severity'")));
  EXPECT_THAT(found, Contains(HasSubstr("exact_length is for datagrams")));
  EXPECT_THAT(found, Contains(HasSubstr("expected a MITRE ATT&CK technique")));
}

TEST_F(Signatures, WhatSaysDropsIsToldToProposeAnAction) {
  write("a.yaml", "signatures:\n" + one("x", "threat: \"x\"", "'HELLO'", "    severity: high\n    drops: true\n"));
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("a.yaml:9:12: what a detection does is said by `detections:`")));
}

TEST(SignaturePayload, IsReadFromHexWithRepeatsAndFromEscapedText) {
  EXPECT_EQ(decode_payload("hex: 01 00*3 fF"), std::string("\x01\0\0\0\xff", 5));
  EXPECT_EQ(decode_payload("a\\r\\n\\x0b\\\\\\0"), std::string("a\r\n\x0b\\\0", 6));
  for (const auto* wrong : {"hex: 0", "hex: 0g", "hex: 00*", "hex: 00*0", "hex: 00*99999999", "\\q", "\\x1", "\\"})
    EXPECT_FALSE(decode_payload(wrong).has_value()) << wrong;
}

}  // namespace
}  // namespace wardline::policy
