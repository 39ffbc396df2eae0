// Patterns: what may be written, how it is searched, and what is refused.
#include <gmock/gmock.h>

#include "controlplane/policy/regex_text.h"
#include "signature_folder.h"

namespace wardline::policy {
namespace {

using classify::Search;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kThreat = "    severity: high\n";

std::string threat(const std::string& lines, const std::string& match, const std::string& no_match) {
  return "signatures:\n" + one("x", "threat: \"x\"", "", lines + kThreat, match, no_match);
}

TEST_F(Signatures, APatternIsSearchedByItsForm) {
  write("a.yaml", "signatures:\n" + one("a", "threat: \"a\"", "'^HELLO'", kThreat) +
                      one("b", "threat: \"b\"", "'HELLO'", kThreat) +
                      one("c", "threat: \"c\"", "'HELLO[0-9]+'", kThreat, "'HELLO7'") +
                      one("d", "threat: \"d\"", "'[G-L][A-G][H-N]'", kThreat) +
                      one("e", "threat: \"e\"", "", "    literal: \"hex: 48 45 4c 4c 4f\"\n" + kThreat));
  const auto set = load();
  ASSERT_THAT(errors_, IsEmpty()) << errors_[0].text();
  EXPECT_EQ(set.patterns[0].search, Search::kAnchored);
  EXPECT_EQ(set.patterns[1].search, Search::kLiteral);
  EXPECT_THAT(set.patterns[1].literals, ElementsAre("HELLO"));
  EXPECT_EQ(set.patterns[2].search, Search::kConfirmed);
  EXPECT_THAT(set.patterns[2].literals, ElementsAre("HELLO"));
  EXPECT_EQ(set.patterns[3].search, Search::kConfirmed);
  EXPECT_THAT(set.patterns[3].literals, IsEmpty());
  EXPECT_EQ(set.patterns[4].search, Search::kLiteral);
  EXPECT_THAT(set.patterns[4].literals, ElementsAre("HELLO"));
}

TEST_F(Signatures, TheAuthorsLiteralStandsForWhatEachMatchHas) {
  write("a.yaml", threat("    pattern: '(?:AB|AC)END|XYEND'\n    literal: 'END'\n", "'ABEND', 'XYEND'", "'END'"));
  const auto set = load();
  ASSERT_THAT(errors_, IsEmpty()) << errors_[0].text();
  EXPECT_THAT(set.patterns[0].literals, ElementsAre("END"));
}

TEST_F(Signatures, ASequenceIsOneExpressionWithItsGaps) {
  write("a.yaml", threat("    match: sequence\n    patterns:\n      - {literal: 'AAAA'}\n"
                         "      - {pattern: 'B+', distance: 2, within: 5}\n      - 'C'\n",
                         "'xAAAA..Bxxx C', 'AAAA.....BBC'", "'AAAA.BC', 'AAAA......BC', 'C AAAA..B'"));
  const auto set = load();
  ASSERT_THAT(errors_, IsEmpty()) << errors_[0].text();
  ASSERT_THAT(set.patterns, SizeIs(1));
  EXPECT_EQ(set.patterns[0].expression, "(?:AAAA).{2,5}(?:B+).*(?:C)");
  EXPECT_THAT(set.patterns[0].literals, ElementsAre("AAAA"));
}

TEST_F(Signatures, ASequenceMayBeginAtAPlace) {
  write("a.yaml",
        threat("    match: sequence\n    patterns:\n      - {literal: 'AAAA', offset: 6, depth: 8}\n      - 'B'\n",
               "'..AAAAB', '....AAAA--B'", "'AAAAB', '.....AAAAB'"));
  const auto set = load();
  ASSERT_THAT(errors_, IsEmpty()) << errors_[0].text();
  EXPECT_EQ(set.patterns[0].search, Search::kAnchored);
}

TEST_F(Signatures, OffsetDepthAndCaseMayBeSaidForOnePattern) {
  write("a.yaml",
        threat("    match: all\n    patterns:\n      - {literal: 'AAAA', caseless: true, depth: 8}\n      - 'BBBB'\n",
               "'aaAa....BBBB'", "'aaAa....bbbb', '......AAAA BBBB'"));
  const auto set = load();
  ASSERT_THAT(errors_, IsEmpty()) << errors_[0].text();
  EXPECT_EQ(set.traits[0].pattern_count, 2);
  EXPECT_TRUE(set.patterns[0].caseless && !set.patterns[1].caseless);
  EXPECT_EQ(set.patterns[1].max_offset, 0U);
}

TEST_F(Signatures, WhatIsNegatedMustNotBeThere) {
  write("a.yaml", threat("    match: any\n    patterns:\n      - 'EVIL'\n      - {literal: 'SAFE', negate: true}\n",
                         "'an EVIL text'", "'an EVIL but SAFE text', 'SAFE'"));
  const auto set = load();
  ASSERT_THAT(errors_, IsEmpty()) << errors_[0].text();
  EXPECT_TRUE(set.patterns[1].negated);
  EXPECT_EQ(set.traits[0].pattern_count, 1);
}

TEST_F(Signatures, AThreatMayCountWithinAnApplicationAlone) {
  write("a.yaml", "signatures:\n" + one("smb1-x", "application: smb1", "'^SMB'", "", "'SMB'") +
                      one("x", "threat: \"x\"", "'EVIL'", "    within: smb1\n" + kThreat, "'EVIL'",
                          "{payload: 'EVIL', app: icmp}"));
  const auto set = load();
  ASSERT_THAT(errors_, IsEmpty()) << errors_[0].text();
  EXPECT_EQ(set.traits[1].within[0], *set.app("smb1"));
}

TEST_F(Signatures, AnApplicationSaysWhatItIsAKindOf) {
  write("a.yaml", "signatures:\n" + one("web-x", "application: http", "'^GET '", "", "'GET /'") +
                      one("fhir-x", "application: fhir", "'^FHIR'", "    carried_by: http\n", "'FHIR'"));
  const auto set = load();
  ASSERT_THAT(errors_, IsEmpty()) << errors_[0].text();
  const auto& traits = set.app_traits[*set.app("fhir")];
  EXPECT_EQ(traits.carriers[0], *set.app("http"));
  EXPECT_EQ(traits.reader, facts::Reader::kHttp) << "what its carrier's payload says, its own says";
}

TEST_F(Signatures, ACarrierIsNotItselfCarried) {
  write("a.yaml", "signatures:\n" + one("a-x", "application: aa", "'^AAA'", "", "'AAA'") +
                      one("b-x", "application: bb", "'^BBB'", "    carried_by: aa\n", "'BBB'") +
                      one("c-x", "application: cc", "'^CCC'", "    carried_by: bb\n", "'CCC'"));
  load();
  ASSERT_THAT(errors_, testing::SizeIs(1));
  EXPECT_THAT(errors_[0].text(), testing::HasSubstr("'bb' is itself carried by another application"));
}

TEST_F(Signatures, BehaviourIsNumberedBehindWhatHasPatterns) {
  write("a.yaml",
        "detectors:\n  - {id: scan, detector: port_scan, threat: \"scan\", severity: medium, technique: T1046, group: "
        "[scanner],\n"
        "     count: 30, within: 60s, source: \"distinct ports\"}\n");
  write("b.yaml", "signatures:\n" + one("one", "application: one"));
  const auto set = load();
  ASSERT_THAT(errors_, IsEmpty()) << errors_[0].text();
  EXPECT_EQ(set.texts[1].id, "scan");
  const auto& setting = set.detectors[static_cast<std::size_t>(detect::Detector::kPortScan)];
  EXPECT_TRUE(setting.enabled);
  EXPECT_EQ(setting.signature, 1);
  EXPECT_EQ(setting.count, 30U);
  EXPECT_EQ(setting.within_seconds, 60U);
  EXPECT_TRUE(set.traits[1].threat);
  EXPECT_FALSE(set.detectors[static_cast<std::size_t>(detect::Detector::kHostScan)].enabled);
}

struct Refusal {
  const char* says;
  std::string lines;  // of a threat; the first stands in line 7
  const char* where;
  const char* sentence;
};
void PrintTo(const Refusal& refusal, std::ostream* out) {
  *out << refusal.says;
}

class RefusedSignature : public Signatures, public ::testing::WithParamInterface<Refusal> {};

TEST_P(RefusedSignature, IsToldAtItsPlace) {
  write("a.yaml", threat(GetParam().lines, "'HELLO'", "'OTHER'"));
  EXPECT_THAT(problems(), Contains(AllOf(HasSubstr(std::string("signatures/a.yaml:") + GetParam().where + ": "),
                                         HasSubstr(GetParam().sentence))));
}

std::string pattern(const std::string& text) {
  return "    pattern: '" + text + "'\n";
}
std::string several(const std::string& match, const std::string& items) {
  return "    match: " + match + "\n    patterns: [" + items + "]\n";
}

INSTANTIATE_TEST_SUITE_P(
    Constructs, RefusedSignature,
    ::testing::Values(
        Refusal{"look-ahead", pattern("HEL(?=LO)"), "7:14", "at its character 4 it has a look-around"},
        Refusal{"look-behind", pattern("(?<!x)HELLO"), "7:14", "a look-around"},
        Refusal{"back reference", pattern("(H)ELLO\\1"), "7:14", "a reference back to a group"},
        Refusal{"named back reference", pattern("(?P<a>H)(?P=a)"), "7:14", "a reference back"},
        Refusal{"possessive", pattern("HEL++O"), "7:14", "a possessive quantifier"},
        Refusal{"possessive count", pattern("HEL{2}+O"), "7:14", "a possessive quantifier"},
        Refusal{"atomic group", pattern("(?>HEL)LO"), "7:14", "an atomic group"},
        Refusal{"recursion", pattern("HELLO(?R)"), "7:14", "a call of a group"},
        Refusal{"condition", pattern("(H)?(?(1)E|F)"), "7:14", "a condition"},
        Refusal{"verb", pattern("(*FAIL)HELLO"), "7:14", "a control verb"},
        Refusal{"match start", pattern("HE\\KLLO"), "7:14", "\\K"},
        Refusal{"open alternatives", pattern("^HELLO|THERE"), "7:14", "the first alternative alone"},
        Refusal{"anchor in a group", pattern("(?:^|x)HELLO"), "7:14", "the character 4 asks for the first"},
        Refusal{"anchor of a later alternative", pattern("HELLO|^THERE"), "7:14", "the character 7 asks"},
        Refusal{"anchor behind a flag", pattern("(?i)^HELLO"), "7:14", "`caseless: true`"},
        Refusal{"the other anchor", pattern("\\AHELLO"), "7:14", "the character 1 asks"},
        Refusal{"matches nothing at all", pattern("(?:HELLO)?"), "7:14", "expected a regular expression"}));

INSTANTIATE_TEST_SUITE_P(
    Keys, RefusedSignature,
    ::testing::Values(
        Refusal{"no pattern", "", "2:5", "the key 'pattern' is missing"},
        Refusal{"pattern and patterns", pattern("HELLO") + several("any", "'A1'"), "9:15", "found both"},
        Refusal{"patterns without match", "    patterns: ['HELLO']\n", "7:15", "`match: any`"},
        Refusal{"unknown match", several("some", "'HELLO'"), "7:12", "expected one of: any, all, sequence"},
        Refusal{"nothing but negated", several("all", "{literal: 'X', negate: true}"), "8:16", "proves nothing"},
        Refusal{"gap outside a sequence", several("all", "'HELLO', {literal: 'X', within: 3}"), "8:25",
                "count from the pattern before"},
        Refusal{"gap before the first", several("sequence", "{literal: 'X', within: 3}, 'HELLO'"), "8:16",
                "count from the pattern before"},
        Refusal{"gap upside down", several("sequence", "'HELLO', {literal: 'X', distance: 9, within: 3}"), "8:25",
                "at least the distance 9"},
        Refusal{"open alternatives before a gap", several("sequence", "'^HE|^EH', 'LO'"), "8:16",
                "in a group, ^(?:A|B)"},
        Refusal{"anchor inside", several("sequence", "'HELLO', '^X'"), "8:25", "only the first"},
        Refusal{"place of an expression", several("sequence", "{pattern: 'HE.', depth: 9}, 'LO'"), "8:16",
                "need a literal as its first pattern"},
        Refusal{"unknown key of a pattern", several("any", "{literal: 'HELLO', dept: 9}"), "8:35",
                "did you mean 'depth'?"},
        Refusal{"bad literal", "    literal: \"hex: 0\"\n", "7:14", "found 'hex: 0'"},
        Refusal{"unknown application", pattern("HELLO") + "    within: icpm\n", "8:13", "did you mean 'icmp'?"},
        Refusal{"too many applications", pattern("HELLO") + "    within: [a, b, c, d, e]\n", "8:13", "1 to 4"},
        Refusal{"unknown group", pattern("HELLO") + "    group: [wurm]\n", "8:13", "did you mean 'worm'?"},
        Refusal{"unknown action", pattern("HELLO") + "    action: kill\n", "8:13", "expected one of: alert, count"},
        Refusal{"no reference", pattern("HELLO") + "    reference: [CVE-17]\n", "8:17", "expected CVE-2017-0144"},
        Refusal{"captures of a threat", pattern("HELLO") + "    captures: [{attribute: os}]\n", "8:15",
                "only devices have captures"}));

TEST_F(Signatures, FaultyDetectorsAreToldAtTheirPlaces) {
  const std::string rest = "threat: \"x\", severity: low, count: 1, within: 60s, source: \"x\"}\n";
  write("a.yaml", "detectors:\n  - {id: a, detector: port_scam, " + rest + "  - {id: b, detector: port_scan, " + rest +
                      "  - {id: c, detector: port_scan, " + rest + "  - {id: b, detector: udp_flood, " + rest);
  const auto found = problems();
  EXPECT_THAT(found, Contains(HasSubstr("a.yaml:2:23: expected one of: port_scan, host_scan")));
  EXPECT_THAT(found, Contains(HasSubstr("did you mean 'port_scan'?")));
  EXPECT_THAT(found, Contains(HasSubstr("a.yaml:4:5: the detector 'port_scan' is set at signatures/a.yaml:3:5")));
  EXPECT_THAT(found, Contains(HasSubstr("a.yaml:5:5: the id 'b' stands at")));
}

TEST(RegexText, FixedBytesAreToldFromExpressions) {
  EXPECT_EQ(fixed_bytes_of("a\\x00\\.b\\r\\n"), std::string("a\0.b\r\n", 6));
  for (const auto* more : {"a.b", "a|b", "[a]", "a\\d", "a+", "a\\", "a\\x0", "(a)", "^a", "a$", "a\\z"})
    EXPECT_FALSE(fixed_bytes_of(more).has_value()) << more;
  EXPECT_EQ(fixed_bytes_of(expression_of(std::string("\0(a)\xff", 5))), std::string("\0(a)\xff", 5));
}

TEST(RegexText, AnAnchorInsideIsNoClassAndNoEscape) {
  EXPECT_FALSE(anchor_inside("^A(?:^B|C)")) << "never scanned beyond the first bytes";
  EXPECT_FALSE(anchor_inside("A[^B]"));
  EXPECT_FALSE(anchor_inside("A\\^B"));
  EXPECT_FALSE(anchor_inside("\\QA^B\\EC"));
  EXPECT_EQ(anchor_inside("[^A](^B)"), 5U);
}

TEST(RegexText, AlternativesOutsideOfGroupsAreSeenWithTheirAnchors) {
  EXPECT_TRUE(open_alternatives("^A|B").some_without_anchor);
  EXPECT_TRUE(open_alternatives("A|^B").some_without_anchor);
  EXPECT_TRUE(open_alternatives("^A|^B").any);
  EXPECT_FALSE(open_alternatives("^A|^B").some_without_anchor);
  for (const auto* none : {"^(?:A|B)", "^[|]", "^\\|"}) EXPECT_FALSE(open_alternatives(none).any) << none;
}

TEST(RegexText, WhatOnlyLooksLikeAConstructIsNotRefused) {
  for (const auto* good : {"a\\(\\?=b", "[(?=]", "\\\\1", "a+?b", "a{2,}?", "(?i:ab)", "(?:a)+", "(?P<name>a)", "[+*]+",
                           "a\\++", "\\bword\\b", "\\Q(?=\\E"})
    EXPECT_EQ(refused_construct(good), std::nullopt) << good;
}

}  // namespace
}  // namespace wardline::policy
