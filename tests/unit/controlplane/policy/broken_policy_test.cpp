// Broken copies of the shipped policy: each is refused at file:line:column with a sentence that says what to do.
#include <gmock/gmock.h>

#include <functional>

#include "policy_copy.h"

namespace wardline::policy {
namespace {

struct Broken {
  const char* says;
  std::function<void(const PolicyCopy&)> break_it;
  const char* where;
  const char* sentence;
};
void PrintTo(const Broken& broken, std::ostream* out) {
  *out << broken.says;
}

std::function<void(const PolicyCopy&)> edit(const char* file, const char* from, const char* to) {
  return [=](const PolicyCopy& copy) { copy.edit(file, from, to); };
}
std::function<void(const PolicyCopy&)> write(const char* file, const std::string& text) {
  return [=](const PolicyCopy& copy) { copy.write(file, text); };
}
std::function<void(const PolicyCopy&)> remove(const char* file) {
  return [=](const PolicyCopy& copy) { copy.remove(file); };
}
std::function<void(const PolicyCopy&)> cut(const char* file) {
  return [=](const PolicyCopy& copy) { copy.write(file, copy.read(file).substr(0, copy.read(file).size() / 2)); };
}

class BrokenPolicy : public testing::TestWithParam<Broken> {};

TEST_P(BrokenPolicy, IsRefusedAtItsPlaceInWords) {
  PolicyCopy copy;
  GetParam().break_it(copy);
  const auto loaded = copy.load();
  ASSERT_FALSE(loaded);
  const auto said = PolicyCopy::text_of(loaded.error());
  EXPECT_THAT(loaded.error().front().where, testing::MatchesRegex("[^:]+:[0-9]+:[0-9]+")) << said;
  EXPECT_THAT(said, testing::HasSubstr(GetParam().where));
  EXPECT_THAT(said, testing::HasSubstr(GetParam().sentence));
}

constexpr const char* kPump = "classes/infusion-pump.yaml";

INSTANTIATE_TEST_SUITE_P(
    TheTwelve, BrokenPolicy,
    testing::Values(
        Broken{"unknown key", edit(kPump, "criticality:", "critcality:"),
               "classes/infusion-pump.yaml:5:1: ", "did you mean 'criticality'?"},
        Broken{"duplicate key", edit(kPump, "purpose: medical\n", "purpose: medical\npurpose: none\n"),
               "classes/infusion-pump.yaml:5:1: ", "'purpose' stands here for the second time; the first is in line 4"},
        Broken{"port 70000", edit(kPump, "port: [443, 8443]", "port: [443, 70000]"),
               "classes/infusion-pump.yaml:17:", "port 70000 is out of range; expected 1 to 65535"},
        Broken{"unknown role", edit(kPump, "opens_to: pump-servers", "opens_to: pump-server2"),
               "classes/infusion-pump.yaml:17:", "the role, zone or class 'pump-server2' is not known; did you mean"},
        Broken{"bad regular expression", edit(kPump, "'^(Baxter|", "'^(Baxter(|"),
               "classes/infusion-pump.yaml:10:", "no regular expression"},
        Broken{"back-reference", edit(kPump, "'^(Baxter|", "'^(a)\\1|^(Baxter|"),
               "classes/infusion-pump.yaml:10:", "refers back to a group"},
        Broken{"missing class", remove("classes/smart-bed.yaml"), "site.yaml:", "the class 'smart-bed' is not known"},
        Broken{"a port of a serial server that is none",
               write("devices.yaml", "devices:\n  - {id: a, serial: \"1\", behind: {65536: a}}\n"),
               "devices.yaml:2:42: ", "with a port of 1 to 65535, found '65536'"},
        Broken{"a device behind a serial server that is not in the register",
               write("devices.yaml",
                     "devices:\n  - {id: a, serial: \"1\", behind: {4001: vent-b}}\n  - {id: vent-1, serial: \"2\"}\n"),
               "devices.yaml:2:35: ", "the device of the register 'vent-b' is not known; did you mean 'vent-1'?"},
        Broken{"a device behind two ports",
               write("devices.yaml",
                     "devices:\n  - {id: a, serial: \"1\", behind: {4001: b, 4002: b}}\n  - {id: b, serial: \"2\"}\n"),
               "devices.yaml:2:44: ", "b is behind port 4001 of a already"},
        Broken{"a serial server behind a serial server",
               write("devices.yaml",
                     "devices:\n  - {id: a, serial: \"1\", behind: {4001: b}}\n"
                     "  - {id: b, serial: \"2\", behind: {4001: c}}\n  - {id: c, serial: \"3\"}\n"),
               "devices.yaml:2:35: ", "b has devices behind itself"},
        Broken{"unquoted MAC", write("devices.yaml", "devices:\n  - {id: a, macs: [58:46:e1:00:01:07]}\n"),
               "devices.yaml:2:20: ", "a MAC must be quoted"},
        Broken{"unquoted MAC that YAML takes for a number",
               write("devices.yaml", "devices:\n  - {id: a, macs: [58:46:21:00:01:07]}\n"),
               "devices.yaml:2:20: ", "write \"58:46:21:00:01:07\""},
        Broken{"yes for a boolean", edit(kPump, "essential: true", "essential: yes"),
               "classes/infusion-pump.yaml:17:", "write true"},
        Broken{"wrong type", edit(kPump, "port: [443, 8443]", "port: 443"),
               "classes/infusion-pump.yaml:17:", "expected a list"},
        Broken{"empty file", write(kPump, ""), "classes/infusion-pump.yaml:1:1: ", "the file is empty"},
        Broken{"20 MB file", write(kPump, std::string(20'000'000, '#') + "\n"),
               "classes/infusion-pump.yaml:1:1: ", "at most 1048576"},
        Broken{"truncated file", cut(kPump), "classes/infusion-pump.yaml:", "cut off"}));

INSTANTIATE_TEST_SUITE_P(
    More, BrokenPolicy,
    testing::Values(
        Broken{"missing site.yaml", remove("site.yaml"), "site.yaml:1:1: ", "the file is missing"},
        Broken{"missing unidentified", remove("classes/unidentified.yaml"),
               "classes/unidentified.yaml:1:1: ", "the file is missing"},
        Broken{"a file in the wrong place", write("clases/pump.yaml", "a: 1\n"),
               "clases/pump.yaml:1:1: ", "no place in a policy"},
        Broken{"unknown application", edit(kPump, "app: [tls]", "app: [tlss]"), kPump, "did you mean 'tls'?"},
        Broken{"rule without app", edit(kPump, "app: [tls], port: [443, 8443]", "port: [443, 8443]"), kPump,
               "the key 'app' is missing"},
        Broken{"unclassified without proto", edit(kPump, "app: [unclassified], proto: udp", "app: [unclassified]"),
               kPump, "add 'proto: tcp'"},
        Broken{"bad range of ports", edit(kPump, "port: [3613]", "port: [8010-8000]"), kPump, "no range of ports"},
        Broken{"two rules of one name", edit(kPump, "name: events", "name: pump server"), kPump,
               "a second rule named 'pump server'"},
        Broken{"class of another name", edit(kPump, "class: infusion-pump", "class: pump"),
               "classes/infusion-pump.yaml:2:8: ", "they must agree"},
        Broken{"profile too high", edit(kPump, "profile: contain", "profile: isolate"), kPump,
               "write 'approval: required'"},
        Broken{"violations of a pump counted", edit(kPump, "counts: detections", "counts: violations"), kPump,
               "counts detections only"},
        Broken{"essential to anyone", edit(kPump, "opens_to: hl7-gateway", "opens_to: any"), kPump, "can't be 'any'"},
        Broken{"maker alone", edit("classes/smart-bed.yaml", "weight: 30", "weight: 60"),
               "classes/smart-bed.yaml:10:", "on the MAC's maker alone"},
        Broken{"unknown attribute", edit(kPump, "dhcp.vendor_class", "dhcp.vendor_clas"), kPump,
               "did you mean 'dhcp.vendor_class'?"},
        Broken{"class that strengthens", edit(kPump, "purpose: medical\n", "purpose: medical\nmode: enforce\n"), kPump,
               "may only weaken"},
        Broken{"may_cut by one person",
               edit(kPump, "essential: true,",
                    "essential: true, may_cut_essential: [{signature: x, approved_by: [Ann, Ann]}],"),
               kPump, "two different people"},
        Broken{"DNS name in a role", edit("site.yaml", "\"10.40.2.9\"", "hl7.st-anna.example"),
               "site.yaml:", "DNS names are not supported yet"},
        Broken{"CIDR with host bits", edit("site.yaml", "10.20.0.0/14", "10.21.0.0/14"),
               "site.yaml:", "bits set behind its prefix"},
        Broken{"missing row of on_failure", edit("site.yaml", "  overload: allow\n", ""),
               "site.yaml:", "the key 'overload' is missing here"},
        Broken{"row that is no cause",
               edit("site.yaml", "  overload: allow\n", "  overload: allow\n  overlod: allow\n"),
               "site.yaml:", "did you mean 'overload'?"},
        Broken{"two segments of one VLAN", edit("site.yaml", "vlan: 420", "vlan: 410"),
               "site.yaml:", "belongs to segment 'icu-4b'"},
        Broken{"VLAN 4095", edit("site.yaml", "vlan: 420", "vlan: 4095"),
               "site.yaml:", "VLAN 4095 is out of range; expected 0 to 4094"},
        Broken{"role with a class's name", edit("site.yaml", "pacs-servers: [", "pacs: ["),
               "site.yaml:", "also the name of a class"},
        Broken{
            "unquoted date",
            edit("site.yaml", "{name: icu-4b,", "{signed_off: {by: a, date: 2026-10-02, coverage: 31d}, name: icu-4b,"),
            "site.yaml:", "a date must be quoted"},
        Broken{"duration without unit", edit("site.yaml", "udp: 180s", "udp: 180"),
               "site.yaml:", "expected a duration"},
        Broken{
            "two devices of one MAC",
            write("devices.yaml",
                  "devices:\n  - {id: a, macs: [\"58:46:e1:00:01:07\"]}\n  - {id: b, macs: [\"58-46-E1-00-01-07\"]}\n"),
            "devices.yaml:3:", "a MAC of 'b' is also one of 'a'"}));

// A truncation at any byte is refused, but for the few at the end of a line where what is left is a whole class again.
TEST(BrokenPolicy, IsNeverTakenForGoodWhenAClassIsCutOffAnywhere) {
  PolicyCopy copy;
  const auto text = copy.read(kPump);
  for (std::size_t length = 1; length < text.size(); length += 7) {
    Errors errors;
    copy.write(kPump, text.substr(0, length));
    const auto loaded = YamlDocument::load(copy.folder() + "/" + kPump, kPump, errors);
    EXPECT_TRUE(!errors.empty() || text[length - 1] == '\n') << length;
  }
}

}  // namespace
}  // namespace wardline::policy
