#include "controlplane/policy/yaml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace wardline::policy {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Read {
  Errors errors;
  std::optional<YamlDocument> document;

  explicit Read(const std::string& text) : document(YamlDocument::parse(text, "a.yaml", errors)) {}
  YamlMap map() { return *document->root().as_map(); }
  YamlValue value() { return map().get("key"); }
  std::string problem() const { return errors.empty() ? "" : errors.front().text(); }
};

std::filesystem::path written(const std::string& text) {
  const auto path = std::filesystem::path(testing::TempDir()) / "yaml_reader_test.yaml";
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

TEST(YamlReader, ReadsTheKindsOfValuesAsWritten) {
  Read read(
      "text: pump server\nname: icu-4b\nnumber: -12\nlast: true\nwait: 90s\nmac: \"00:1b:21:3c:4d:5e\"\nlist: [1, "
      "2]\n");
  auto map = read.map();
  EXPECT_EQ(map.get("text").as_text(), "pump server");
  EXPECT_EQ(map.get("name").as_name(), "icu-4b");
  EXPECT_EQ(map.get("number").as_number(-20, 20, "a number"), -12);
  EXPECT_EQ(map.get("last").as_bool(), true);
  EXPECT_EQ(map.get("wait").as_duration(), std::chrono::seconds(90));
  EXPECT_EQ(map.get("mac").as_quoted("a MAC"), "00:1b:21:3c:4d:5e");
  EXPECT_EQ(map.get("list").as_list()->size(), 2U);
  map.finish();
  EXPECT_THAT(read.errors, IsEmpty());
}

TEST(YamlReader, CountsLinesAndColumnsFromOne) {
  Read read("first: 1\nsecond: {third: 70000}\n");
  auto inner = *read.map().get("second").as_map();
  inner.get("third").as_number(1, 65535, "port");
  EXPECT_EQ(read.problem(), "a.yaml:2:17: port 70000 is out of range; expected 1 to 65535");
}

TEST(YamlReader, NamesTheNearestKeyForAnUnknownOne) {
  Read read("clases: 1\nmode: monitor\n");
  auto map = read.map();
  map.get("classes");
  map.get("mode");
  map.finish();
  EXPECT_EQ(read.problem(), "a.yaml:1:1: 'clases' is not known here; did you mean 'classes'?");
}

TEST(YamlReader, ListsTheKnownKeysWhenNoneIsNear) {
  Read read("zzzzzzzz: 1\n");
  auto map = read.map();
  map.get("mode");
  map.finish();
  EXPECT_THAT(read.problem(), HasSubstr("known are: mode"));
}

TEST(YamlReader, RefusesAKeyThatStandsTwiceAndKeepsTheFirst) {
  Read read("mode: monitor\nsite: a\nmode: enforce\n");
  EXPECT_THAT(read.problem(), HasSubstr("a.yaml:3:1: 'mode' stands here for the second time; the first is in line 1"));
  EXPECT_EQ(read.map().get("mode").raw(), "monitor");
}

TEST(YamlReader, ReportsEveryProblemOfAFileAtOnce) {
  Read read("a: yes\nb: 010\nc: 5\nc: 6\n");
  auto map = read.map();
  map.get("a").as_bool();
  map.get("b").as_number(0, 100, "b");
  map.get("c");
  map.require("d");
  map.finish();
  EXPECT_THAT(read.errors, SizeIs(4));
}

struct Refused {
  const char* says;
  const char* yaml;
  const char* message;
};
void PrintTo(const Refused& refused, std::ostream* out) {
  *out << refused.says;
}

class RefusesAsText : public testing::TestWithParam<Refused> {};
TEST_P(RefusesAsText, InWords) {
  Read read(GetParam().yaml);
  EXPECT_EQ(read.value().as_text(), std::nullopt);
  EXPECT_THAT(read.problem(), HasSubstr("a.yaml:1:6: "));
  EXPECT_THAT(read.problem(), HasSubstr(GetParam().message));
}
INSTANTIATE_TEST_SUITE_P(
    PlainScalars, RefusesAsText,
    testing::Values(Refused{"a MAC with letters", "key: 00:1b:21:3c:4d:5e\n", "write \"00:1b:21:3c:4d:5e\""},
                    Refused{"a MAC that is a base-60 number", "key: 10:20:30:40:50:59\n", "base-60"},
                    Refused{"a date", "key: 2026-10-02\n", "a date"},
                    Refused{"a clock time", "key: 22:30\n", "clock time"},
                    Refused{"a boolean of YAML 1.1", "key: off\n", "a boolean"},
                    Refused{"a leading zero", "key: 0815\n", "begins with a zero"},
                    Refused{"nothing", "key: ~\n", "expected text, found nothing"},
                    Refused{"a list", "key: [a]\n", "expected text, found a list"}));

TEST(YamlReader, TakesTheSameScalarsInQuotes) {
  for (const char* scalar : {"00:1b:21:3c:4d:5e", "2026-10-02", "22:30", "off", "0815", "~"}) {
    Read read(std::string("key: \"") + scalar + "\"\n");
    EXPECT_EQ(read.value().as_text(), scalar);
    EXPECT_EQ(read.value().as_quoted("it"), scalar);
  }
}

TEST(YamlReader, RefusesAnUnquotedMacWhereQuotesAreRequired) {
  Read read("key: 3c:4d:5e:00:1b:21\n");
  EXPECT_EQ(read.value().as_quoted("a MAC"), std::nullopt);
  EXPECT_THAT(read.problem(), HasSubstr("a MAC must be quoted"));
}

TEST(YamlReader, TakesTrueAndFalseAloneAsBooleans) {
  for (const char* word : {"yes", "no", "on", "off", "Yes", "TRUE", "n"}) {
    Read read(std::string("key: ") + word + "\n");
    EXPECT_EQ(read.value().as_bool(), std::nullopt) << word;
    EXPECT_THAT(read.problem(), HasSubstr("is not taken as a boolean")) << word;
  }
  EXPECT_THAT(Read("key: \"true\"\n").value().as_bool(), std::nullopt);
}

class RefusesAsNumber : public testing::TestWithParam<Refused> {};
TEST_P(RefusesAsNumber, InWords) {
  Read read(GetParam().yaml);
  EXPECT_EQ(read.value().as_number(0, 100, "weight"), std::nullopt);
  EXPECT_THAT(read.problem(), HasSubstr(GetParam().message));
}
INSTANTIATE_TEST_SUITE_P(Scalars, RefusesAsNumber,
                         testing::Values(Refused{"octal", "key: 010\n", "begins with a zero"},
                                         Refused{"too large", "key: 101\n",
                                                 "weight 101 is out of range; expected 0 to 100"},
                                         Refused{"beyond 64 bits", "key: 99999999999999999999\n", "out of range"},
                                         Refused{"negative", "key: -1\n", "out of range"},
                                         Refused{"quoted", "key: \"5\"\n", "write 5 without quotes"},
                                         Refused{"hexadecimal", "key: 0x10\n", "found '0x10'"},
                                         Refused{"a fraction", "key: 1.5\n", "found '1.5'"},
                                         Refused{"a map", "key: {a: 1}\n", "found a map"}));

TEST(YamlReader, RefusesDurationsWithoutUnitOrInQuotes) {
  EXPECT_THAT(Read("key: 60\n").value().as_duration(), std::nullopt);
  EXPECT_THAT(Read("key: \"60s\"\n").value().as_duration(), std::nullopt);
  EXPECT_THAT(Read("key: 060s\n").value().as_duration(), std::nullopt);
  EXPECT_THAT(Read("key: 9999999999d\n").value().as_duration(), std::nullopt);
  EXPECT_EQ(Read("key: 31d\n").value().as_duration(), std::chrono::hours(24 * 31));
  EXPECT_EQ(Read("key: 250ms\n").value().as_duration(), std::chrono::milliseconds(250));
}

TEST(YamlReader, OffersTheNearestWord) {
  Read read("key: enforced\n");
  EXPECT_EQ(read.value().as_word({"monitor", "enforce"}), std::nullopt);
  EXPECT_EQ(read.problem(), "a.yaml:1:6: expected one of: monitor, enforce; found 'enforced'; did you mean 'enforce'?");
  EXPECT_EQ(Read("key: monitor\n").value().as_word({"monitor", "enforce"}), 0U);
}

TEST(YamlReader, RefusesNamesWithOtherCharacters) {
  for (const char* name : {"Pump", "a b", "-a", "\"\"", "\xc3\xa4", "a/b"}) {
    Read read(std::string("key: ") + name + "\n");
    EXPECT_EQ(read.value().as_name(), std::nullopt) << name;
  }
}

class RefusesTheFile : public testing::TestWithParam<Refused> {};
TEST_P(RefusesTheFile, AtItsPlace) {
  Read read(GetParam().yaml);
  EXPECT_FALSE(read.document);
  ASSERT_THAT(read.errors, SizeIs(1));
  EXPECT_THAT(read.problem(), HasSubstr(GetParam().message));
}
INSTANTIATE_TEST_SUITE_P(
    Texts, RefusesTheFile,
    testing::Values(
        Refused{"empty", "", "a.yaml:1:1: the file is empty"},
        Refused{"comments alone", "# nothing\n\n", "a.yaml:1:1: the file is empty"},
        Refused{"an unclosed map", "a: 1\nb: {c: 1,\n", "the '{' of line 2, column 4 is not closed"},
        Refused{"an unclosed list", "a: [1, \"2\"\nb: 3\n", "the '[' of line 1, column 4 is not closed"},
        Refused{"an unclosed quote", "a: 1\nb: \"text\nmore\n", "the quote of line 2, column 4 is never closed"},
        Refused{"an unclosed single quote", "a: 1\nb: 'text\n", "the quote of line 2, column 4 is never closed"},
        Refused{"half a key", "a: 1\nclas\n", "a.yaml:2:1: expected another 'key: value'"},
        Refused{"a line that would join the value before it", "a: 1\n  clas\nb: 2\n",
                "a.yaml:1:4: text without quotes goes on in the next line"},
        Refused{"a tab", "a:\n\tb: 1\n", "a.yaml:2:1: a tab"},
        Refused{"an anchor", "a: &x 1\nb: 2\n", "a.yaml:1:4: anchors"},
        Refused{"an alias", "a: 1\nb: *x\n", "a.yaml:2:4: "}, Refused{"a tag", "a: !!str 5\n", "tag"},
        Refused{"a second document", "a: 1\n---\nb: 2\n", "a second document"},
        Refused{"a map as a key", "{a: 1}: 2\n", "a.yaml:1:1: "},
        Refused{"a control character", "a: \x01\n", "a.yaml:1:4: a control character (0x01)"},
        Refused{"a byte order mark",
                "\xef\xbb\xbf"
                "a: 1\n",
                "byte order mark"},
        Refused{"no UTF-8", "a: \xff\n", "a.yaml:1:4: not UTF-8"},
        Refused{"bad indentation", "a:\n  b: 1\n c: 2\n", "a.yaml:3:"}));

TEST(YamlReader, RefusesDeepNestingWithoutFollowingIt) {
  std::string dashes;
  for (int i = 0; i < 100'000; ++i) dashes += "- ";
  EXPECT_THAT(Read(dashes).problem(), HasSubstr("nested deeper than 64 levels"));
  EXPECT_THAT(Read(std::string(1'000'000, '[')).errors, SizeIs(1));
  EXPECT_THAT(Read(std::string(1'000'000, '{')).errors, SizeIs(1));
  std::string block;
  for (int i = 0; i < 500; ++i) block += std::string(i, ' ') + "a:\n";
  EXPECT_THAT(Read(block).problem(), HasSubstr("nested deeper than 64 levels"));
}

TEST(YamlReader, StopsReportingAfterAHundredProblems) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "key" + std::to_string(i) + ": 1\n";
  Read read(text);
  auto map = read.map();
  map.finish();
  EXPECT_THAT(read.errors, SizeIs(101));
}

TEST(YamlReader, FindsADoubleKeyAmongMany) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "key" + std::to_string(i) + ": 1\n";
  Read read(text + "key0: 2\nkey19999: 2\n");
  ASSERT_THAT(read.errors, SizeIs(2));
  EXPECT_THAT(read.errors[0].text(), HasSubstr("a.yaml:20001:1: 'key0' stands here for the second time"));
  EXPECT_THAT(read.errors[1].what, HasSubstr("the first is in line 20000"));
}

TEST(YamlReader, AFileMayHaveALargerBound) {
  Errors errors;
  const auto path = written("a: 1\n" + std::string(2'000'000, '#') + "\n");
  EXPECT_TRUE(YamlDocument::load(path, "devices.yaml", errors, kMostRegisterBytes));
  EXPECT_THAT(errors, SizeIs(0));
}

TEST(YamlReader, RefusesALargeFileByItsSizeAlone) {
  Errors errors;
  const auto path = written("a: 1\n" + std::string(20'000'000, '#') + "\n");
  EXPECT_FALSE(YamlDocument::load(path, "big.yaml", errors));
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_THAT(errors[0].text(), HasSubstr("big.yaml:1:1: the file has 20000006 bytes; at most 1048576"));
}

TEST(YamlReader, NoticesAFileThatWasCutOffBetweenTwoBytesOfALine) {
  Errors errors;
  EXPECT_FALSE(YamlDocument::load(written("a: 1\nb: 2"), "cut.yaml", errors));
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_THAT(errors[0].text(), HasSubstr("cut.yaml:2:5: the file does not end with a newline"));
}

TEST(YamlReader, RefusesAFolderAndAMissingFile) {
  Errors errors;
  EXPECT_FALSE(YamlDocument::load(testing::TempDir(), "folder", errors));
  EXPECT_FALSE(YamlDocument::load("/nonexistent.yaml", "gone.yaml", errors));
  ASSERT_THAT(errors, SizeIs(2));
  EXPECT_THAT(errors[1].text(), HasSubstr("gone.yaml:1:1: cannot be read: No such file"));
}

// Whatever is cut off a good file, the reader neither throws nor hangs.
TEST(YamlReader, SurvivesEveryPrefixOfADocument) {
  const std::string text = "a: {b: [1, \"x\", 'y'], c: |\n  d\n}\nlist:\n  - {m: 1}\n  - ? k\n    : v\n";
  for (std::size_t length = 0; length <= text.size(); ++length) Read read(text.substr(0, length));
}

TEST(Nearest, FindsTypingErrorsAndNothingFarther) {
  const std::vector<std::string> roles{"pump-servers", "hl7-gateway", "pacs"};
  EXPECT_EQ(nearest("pump-server", roles), "pump-servers");
  EXPECT_EQ(nearest("hl7-gatewya", roles), "hl7-gateway");
  EXPECT_EQ(nearest("psca", roles), "pacs");
  EXPECT_EQ(nearest("printer", roles), "");
  EXPECT_EQ(nearest(std::string(100'000, 'a'), roles), "");
}

}  // namespace
}  // namespace wardline::policy
