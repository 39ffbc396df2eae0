#include "controlplane/alerts/cef.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controlplane/alerts/alert.h"
#include "controlplane/alerts/text.h"

namespace wardline::alerts {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(CefEscaping, HeaderEscapesPipeAndBackslashAndLeavesEquals) {
  EXPECT_EQ(escape_header("a|b\\c=d"), "a\\|b\\\\c=d");
}

TEST(CefEscaping, ValueEscapesEqualsAndBackslashAndLeavesPipe) {
  EXPECT_EQ(escape_value("a|b\\c=d"), "a|b\\\\c\\=d");
}

TEST(CefEscaping, LineEndsAreEscapedInValuesAndBlanksInHeaders) {
  EXPECT_EQ(escape_value("a\nb\rc\x01"
                         "d"),
            "a\\nb\\rc d");
  EXPECT_EQ(escape_header("a\nb"), "a b");
}

TEST(CefText, WhatIsNoUtf8AndLineSeparatorsAreReplaced) {
  EXPECT_EQ(sanitized("a\xff", 10), "a\xef\xbf\xbd");
  EXPECT_EQ(sanitized("a\xe2\x80\xa8"
                      "b",
                      10),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(sanitized("\xc0\xaf", 10), "\xef\xbf\xbd\xef\xbf\xbd");  // overlong
  EXPECT_EQ(sanitized("\xed\xa0\x80", 1), "\xef\xbf\xbd");           // a surrogate
  EXPECT_EQ(sanitized("\xf0\x9f\x92\x89x", 10), "\xf0\x9f\x92\x89x");
}

TEST(CefText, IsCutByCharactersAndBetweenThem) {
  EXPECT_EQ(sanitized("\xc3\xa4\xc3\xb6\xc3\xbc", 2), "\xc3\xa4\xc3\xb6");
  EXPECT_EQ(cut("\xc3\xa4\xc3\xb6", 3), "\xc3\xa4");
}

TEST(CefMessage, LeavesOutEmptyKeysAndNeverWritesOneTwice) {
  CefMessage cef("1", "policy-violation", "Name", 5);
  cef.put("act", "block");
  cef.put("act", "allow");
  cef.put("app", "");
  EXPECT_EQ(cef.text(), "CEF:0|Wardline|Wardline|1|policy-violation|Name|5|act=block");
}

TEST(CefMessage, ACustomSlotCarriesItsLabelOrIsLeftOut) {
  CefMessage cef("1", "x", "N", 5);
  cef.put_custom("cs1", "class", "smart-tv");
  cef.put_custom("cs3", "policy_commit", "");
  EXPECT_THAT(cef.text(), HasSubstr("cs1=smart-tv cs1Label=class"));
  EXPECT_THAT(cef.text(), Not(HasSubstr("cs3")));
}

TEST(CefMessage, TrailingBlanksOfAValueGo) {
  CefMessage cef("1", "x", "N", 5);
  cef.put("shost", "tv-4b   ");
  EXPECT_TRUE(cef.text().ends_with("shost=tv-4b"));
}

records::Facts violation() {
  records::Facts facts;
  facts.head = {.type = "violation",
                .id = "v-1-9",
                .time = records::WallTime(std::chrono::milliseconds(1'700'000'000'123)),
                .appliance = "wardline-1",
                .site = "st-anna",
                .segment = "icu",
                .device_id = "dev-1",
                .device_class = "smart-tv",
                .criticality = "none",
                .mode = "enforce",
                .policy_commit = "1a2b3c4",
                .policy_hash = "ff",
                .ward = "4B",
                .switch_name = "sw1",
                .port = "7"};
  facts.device_mac = "00:1a:2b:3c:4d:5e";
  facts.device_name = "tv-4b";
  facts.device_ip = "10.20.4.9";
  facts.peer_ip = "203.0.113.10";
  facts.device_port = 50000;
  facts.peer_port = 443;
  facts.has_ports = true;
  facts.proto = "tcp";
  facts.app = "tls";
  facts.vlans = {410};
  facts.opened_by = flow::OpenedBy::kDevice;
  facts.verdict = enforce::Verdict::kBlock;
  facts.applied_drop = true;
  facts.reason = Reason::kNoRule;
  facts.rule = "updates";
  facts.rule_at = "classes/smart-tv.yaml:14";
  facts.explanation = "It tried.";
  return facts;
}

TEST(ViolationAlert, CarriesEveryFixedLabel) {
  const auto alert = violation_alert(violation(), "0.1.0", 12);
  EXPECT_EQ(
      alert.cef,
      "CEF:0|Wardline|Wardline|0.1.0|policy-violation|Device violated the policy of its class|5|act=block "
      "cat=policy/violation cnt=12 src=10.20.4.9 dst=203.0.113.10 spt=50000 dpt=443 smac=00:1a:2b:3c:4d:5e shost=tv-4b "
      "proto=TCP app=tls deviceDirection=1 cn1=410 cn1Label=vlan reason=no_rule rt=1700000000123 dvchost=wardline-1 "
      "externalId=v-1-9 cs1=smart-tv cs1Label=class cs2=updates classes/smart-tv.yaml:14 cs2Label=rule cs3=1a2b3c4 "
      "cs3Label=policy_commit cs4=4B/sw1/7 cs4Label=location cs5=none cs5Label=criticality cs6=v-1-9 "
      "cs6Label=evidence_id msg=It tried.");
}

TEST(ViolationAlert, AHostNameCannotForgeAnotherFieldOrLine) {
  auto facts = violation();
  facts.device_name = "x act=allow\n<134>1 - evil cs1=pump";
  const auto text = violation_alert(facts, "0.1.0", 1).cef;
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_THAT(text, HasSubstr("shost=x act\\=allow\\n<134>1 - evil cs1\\=pump"));
}

TEST(ViolationAlert, Ipv6HasSlotsOfItsOwn) {
  auto facts = violation();
  facts.device_ip = "fe80::1";
  facts.peer_ip = "2001:db8::1";
  const auto text = violation_alert(facts, "0.1.0", 1).cef;
  EXPECT_THAT(text, HasSubstr("c6a2=fe80::1 c6a2Label=Source IPv6 Address"));
  EXPECT_THAT(text, HasSubstr("c6a3=2001:db8::1 c6a3Label=Destination IPv6 Address"));
  EXPECT_THAT(text, Not(HasSubstr(" src=")));
}

TEST(FindingAlert, SaysWhatWasFoundOfWhichDevice) {
  auto head = violation().head;
  head.id = "n-1-3";
  const auto alert = finding_alert(
      head, {.kind = "contradiction", .severity = "high", .explanation = "It may be a clone: a=b\nx"}, "0.1.0", 2);
  EXPECT_THAT(alert.cef, HasSubstr("|finding|Wardline found something that a person should look at|8|act=alert "
                                   "cat=inventory/contradiction cnt=2 reason=contradiction shost=dev-1 rt="));
  EXPECT_THAT(alert.cef, HasSubstr("msg=It may be a clone: a\\=b\\nx"));
  EXPECT_EQ(alert.message_id, "finding");
}

TEST(QuarantineAlert, SaysWhatBeganAndWhoDidIt) {
  inventory::Quarantine quarantine;
  quarantine.id = "q-1";
  quarantine.profile = "contain";
  quarantine.state = inventory::QuarantineState::kActive;
  quarantine.by = "alice";
  const auto alert =
      quarantine_alert(violation().head, quarantine, "It was.", "00:1a:2b:3c:4d:5e", "10.20.4.9", "0.1.0");
  EXPECT_THAT(alert.cef, HasSubstr("|device-quarantine|"));
  EXPECT_THAT(alert.cef, HasSubstr("act=quarantine"));
  EXPECT_THAT(alert.cef, HasSubstr("suser=alice"));
  EXPECT_THAT(alert.cef, HasSubstr("cs6Label=evidence_id"));
  EXPECT_EQ(alert.level, Level::kCritical);
}

}  // namespace
}  // namespace wardline::alerts
