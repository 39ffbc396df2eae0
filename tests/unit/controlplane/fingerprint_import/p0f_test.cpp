#include "controlplane/fingerprint_import/p0f.h"

#include <gtest/gtest.h>

#include "controlplane/fingerprint_import/p0f_syn.h"
#include "tests/unit/controlplane/fingerprint_import/imported.h"

namespace wardline::fingerprint_import {
namespace {

std::string syn_pattern(std::string_view signature) {
  const auto told = syn_pattern_of(signature);
  return told ? told->pattern : "refused: " + told.error();
}

TEST(P0fSyn, EachFieldIsThatOfTheEvidence) {
  EXPECT_EQ(syn_pattern("*:64:0:*:mss*9,4:mss,sok,ts,nop,ws:df,id+:0"),
            R"(^4:64:0:[0-9]+:mss\*9,4:mss,sok,ts,nop,ws:df,id\+:0$)");
  EXPECT_EQ(syn_pattern("4:100+28:0:1000:*,*:mss,eol+1::*"),
            R"(^4:128:0:1000:(?:mss\*)?[0-9]+,[0-9]+:mss,eol\+1::[0+]$)");
}

TEST(P0fSyn, AWindowIsToldAsTheObserverTellsIt) {
  EXPECT_EQ(syn_pattern("4:64:0:1000:3000,0:mss::0"), R"(^4:64:0:1000:mss\*3,0:mss::0$)");
  EXPECT_EQ(syn_pattern("4:64:0:1000:3001,0:mss::0"), "^4:64:0:1000:3001,0:mss::0$");
  EXPECT_EQ(syn_pattern("4:64:0:960:mtu*2,0:mss::0"), "^4:64:0:960:2000,0:mss::0$");
}

TEST(P0fSyn, QuirksStandInTheOrderOfTheEvidence) {
  EXPECT_EQ(syn_pattern("4:64:0:1000:3001,0:mss:ts1-,id+,df:0"), R"(^4:64:0:1000:3001,0:mss:df,id\+,ts1-:0$)");
}

TEST(P0fSyn, WhatTheEvidenceDoesNotHoldIsRefusedWithTheReason) {
  EXPECT_EQ(syn_pattern("6:64:0:*:*,*:mss::0"), "refused: openings over IPv4 alone are told here");
  EXPECT_EQ(syn_pattern("*:64:0:*:*,*:mss:ecn:0"), "refused: the quirk 'ecn' is not looked for here");
  EXPECT_TRUE(syn_pattern("*:64-:0:*:*,*:mss::0").starts_with("refused: its initial hops"));
  EXPECT_TRUE(syn_pattern("*:192:0:*:*,*:mss::0").starts_with("refused: its initial hops"));
  EXPECT_TRUE(syn_pattern("*:64:0:*:mtu*2,*:mss::0").starts_with("refused: expected a window"));
  EXPECT_TRUE(syn_pattern("*:64:0:*:%512,*:mss::0").starts_with("refused: expected a window"));
  EXPECT_EQ(syn_pattern("*:64:0:*:*,*:mss,odd::0"), "refused: the TCP option 'odd' is not known here");
  EXPECT_EQ(syn_pattern("*:64"), "refused: expected 8 fields, found 2");
  EXPECT_EQ(syn_pattern("*:64:0:*:512:mss::0"), "refused: expected a window and its scale, with a comma between them");
  EXPECT_TRUE(syn_pattern("*:99999999999:0:*:*,*:mss::0").starts_with("refused: its initial hops"));
}

TEST(P0f, ALabelNamesTheSystemAndAGenericOneNoFlavor) {
  const auto import = imported(
      "; words\n[tcp:request]\nlabel = s:unix:LabOS:4.x\nsig = *:64:0:*:mss*9,4:mss::0\n"
      "label = g:unix:LabOS:3.x-5.x\nsig = *:64:0:*:mss*9,*:mss::0\n",
      "lab.fp");
  EXPECT_EQ(import.carried(), 2U);
  EXPECT_NE(import.yaml.find("sets: {os: 'LabOS 4.x'}"), std::string::npos) << import.yaml;
  EXPECT_NE(import.yaml.find("sets: {os: 'LabOS'}"), std::string::npos) << import.yaml;
  EXPECT_EQ(import.outcomes[0].line, 4U);
}

TEST(P0f, OfAnHttpSignatureItsWordInTheUserAgentIsKeptWhereNoOtherProgramSaysIt) {
  const std::string head = "[http:request]\nlabel = s:!:LabBrowser:2.x\nsig = ";
  const auto import = imported(head + "1:Host,User-Agent:Keep-Alive:LabBrowser/\n", "lab.fp");
  EXPECT_NE(import.yaml.find("when: {http.user_agent: 'LabBrowser/'}"), std::string::npos) << import.yaml;
  EXPECT_NE(import.yaml.find("sets: {software: 'LabBrowser'}"), std::string::npos) << import.yaml;
  EXPECT_EQ(reason_of(head + "1:Host::Safari/\n", "lab.fp"), "other programs, too, say 'Safari/' in their User-Agent");
  EXPECT_TRUE(reason_of(head + "1:Host::\n", "lab.fp").starts_with("it names nothing of a User-Agent"));
}

TEST(P0f, WhatStandsInNoKnownPlaceIsRefusedAtItsLine) {
  const auto import = imported(
      "[tcp:response]\nlabel = s:unix:A:1\nsig = *:64:0:*:*,*:mss::0\nnonsense\n[tcp:request]\nsig = x\n", "a");
  ASSERT_EQ(import.outcomes.size(), 3U);
  EXPECT_EQ(import.outcomes[0].reason,
            "signatures of [tcp:request] and [http:request] are carried over, this one is of [tcp:response]");
  EXPECT_EQ(import.outcomes[1].line, 4U);
  EXPECT_TRUE(import.outcomes[2].reason.starts_with("expected a label"));
}

TEST(P0f, NoTextBreaksIt) {
  const std::string text =
      "[tcp:request]\nlabel = s:unix:LabOS:4\nsig = *:64:0:*:mss*9,4:mss,eol+1:df,id+:0\n[http:request]\nsig = "
      "1:A:B:C\n";
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto broken = text;
    broken[i] = '\xff';
    EXPECT_LE(imported(broken, "a.fp").carried(), 1U);
    EXPECT_LE(imported(text.substr(0, i), "a.fp").carried(), 1U);
  }
}

}  // namespace
}  // namespace wardline::fingerprint_import
