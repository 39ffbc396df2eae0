// What signatures tell of the device that sent the bytes.
#include <gmock/gmock.h>

#include "controlplane/policy/capture.h"
#include "signature_folder.h"

namespace wardline::policy {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kApp = one("ssh-x", "application: ssh", "'^SSH-'", "", "'SSH-2.0-x'");

std::string device(const std::string& pattern, const std::string& lines, const std::string& match) {
  return "signatures:\n" + kApp + one("banner", "device: \"banner\"", pattern, "    within: ssh\n" + lines, match);
}

std::vector<std::string> asked(const SignatureSet& set, const std::string& bytes) {
  classify::ScanInput input;
  input.bytes = std::as_bytes(std::span(bytes));
  input.app = *set.app("ssh");
  std::vector<std::string> told;
  for (const auto& each : set.devices->ask(input)) told.push_back(each.attribute + "=" + each.value);
  return told;
}

TEST_F(Signatures, ADeviceSignatureGivesItsGroupsAndWhatItSets) {
  write("a.yaml", device("'^SSH-2\\.0-([A-Za-z]+)_([0-9.]+)'",
                         "    captures: [{attribute: software}, {attribute: firmware, group: 2}]\n"
                         "    sets: {os: \"Linux\"}\n",
                         "{payload: 'SSH-2.0-dropbear_2019.78\\r\\n', captures: {software: \"dropbear\", firmware: "
                         "\"2019.78\", os: \"Linux\"}}"));
  const auto set = load();
  ASSERT_THAT(errors_, IsEmpty()) << errors_[0].text();
  EXPECT_THAT(asked(set, "SSH-2.0-dropbear_2022.83\r\n"),
              ElementsAre("os=Linux", "software=dropbear", "firmware=2022.83"));
  EXPECT_THAT(asked(set, "SSH-2.0-?"), IsEmpty());
  EXPECT_TRUE(set.app_traits[*set.app("ssh")].copy_first_bytes);
  EXPECT_EQ(set.texts.size(), 1U) << "device signatures have no number, so no worker scans for them";
}

TEST_F(Signatures, TextOfTwoBytesALetterIsRead) {
  write("a.yaml", device("'OS:((?:[ -~]\\x00)+)'", "    captures: [{attribute: os}]\n",
                         "{payload: 'OS:W\\x00i\\x00n\\x007\\x00', captures: {os: \"Win7\"}}"));
  load();
  EXPECT_THAT(errors_, IsEmpty()) << errors_[0].text();
}

TEST_F(Signatures, NoMoreThanItsBoundIsLookedAt) {
  write("a.yaml", device("'END([0-9])'", "    captures: [{attribute: os}]\n", "'END1'"));
  const auto set = load();
  ASSERT_THAT(errors_, IsEmpty()) << errors_[0].text();
  EXPECT_THAT(asked(set, std::string(2000, '.') + "END1"), ElementsAre("os=1"));
  EXPECT_THAT(asked(set, std::string(4000, '.') + "END1"), IsEmpty());
}

TEST_F(Signatures, ACaptureThatDoesNotGiveWhatTheExampleSaysIsAFault) {
  write("a.yaml", device("'^SSH-2\\.0-([a-z]+)'", "    captures: [{attribute: software}]\n",
                         "{payload: 'SSH-2.0-dropbear', captures: {software: \"openssh\"}}"));
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("must give software 'openssh', but gives 'dropbear'")));
}

TEST_F(Signatures, FaultyDeviceSignaturesAreToldAtTheirPlaces) {
  const std::string good = "'^SSH-2\\.0-([a-z]+)'";
  const auto told = [&](const std::string& pattern, const std::string& lines) {
    write("a.yaml", device(pattern, lines, "'SSH-2.0-x'"));
    return problems();
  };
  EXPECT_THAT(
      told(good, "    captures: [{attribute: softwear}]\n"),
      Contains(HasSubstr("a.yaml:18:28: 'softwear' is no attribute that a device can tell of itself; did you")));
  EXPECT_THAT(told(good, "    captures: [{attribute: segment}]\n"), Contains(HasSubstr("a.yaml:18:28: 'segment'")));
  EXPECT_THAT(told(good, "    captures: [{attribute: os, group: 2}]\n"),
              Contains(HasSubstr("a.yaml:18:16: group 2 is asked for, the expression has 1")));
  EXPECT_THAT(told("'^SSH-2.{2000}([a-z]+)'", "    captures: [{attribute: os}]\n"),
              Contains(HasSubstr("a.yaml:18:16: its captures need an expression that RE2 can read")));
  EXPECT_THAT(told(good, ""), Contains(HasSubstr("a.yaml:11:5: the key 'captures' is missing")));
  write("a.yaml", "signatures:\n" + one("x", "device: \"x\"", "'^HELLO'", "    sets: {os: \"Linux\"}\n"));
  EXPECT_THAT(problems(), Contains(HasSubstr("a.yaml:2:5: the key 'within' is missing")));
}

}  // namespace
}  // namespace wardline::policy
