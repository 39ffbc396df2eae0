// What device signatures tell from copied first bytes.
#include <gmock/gmock.h>

#include <cstring>

#include "controlplane/identity/identity.h"
#include "tests/unit/controlplane/policy/signature_folder.h"

namespace wardline::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DeviceSignatureObserver : public Signatures {
 protected:
  void SetUp() override {
    Signatures::SetUp();
    write("a.yaml",
          "signatures:\n" + one("ssh-x", "application: ssh", "'^SSH-'", "", "'SSH-2.0-x'") +
              "  - id: banner\n    device: \"banner\"\n    transport: [tcp]\n    side: either\n    within: ssh\n"
              "    pattern: '^SSH-2\\.0-([^\\r\\n]+)'\n    captures: [{attribute: software}]\n"
              "    sets: {os: \"Linux\"}\n    source: \"x\"\n"
              "    examples: {match: ['SSH-2.0-x'], no_match: ['HELLO']}\n");
    policy_.signatures = load();
    ASSERT_THAT(errors_, IsEmpty()) << errors_[0].text();
  }
  FrameCopy copy_of(const std::string& bytes) const {
    FrameCopy copy;
    copy.what = FrameCopy::What::kFirstBytes;
    copy.app = *policy_.signatures.app("ssh");
    copy.length = static_cast<std::uint16_t>(bytes.size());
    std::memcpy(copy.bytes.data(), bytes.data(), bytes.size());
    return copy;
  }
  std::vector<std::string> told(const FrameCopy& copy) const {
    std::vector<std::string> all;
    for (const auto& each : identity::observations_of_signatures(copy, policy_))
      all.push_back(each.source + ": " + each.attribute + "=" + each.value);
    return all;
  }
  Policy policy_;
};

TEST_F(DeviceSignatureObserver, TellsOfWhatTheDeviceItselfSent) {
  auto copy = copy_of("SSH-2.0-dropbear_2019.78\r\n");
  EXPECT_THAT(told(copy), ElementsAre("signature banner: os=Linux", "signature banner: software=dropbear_2019.78"));
  copy.side = Side::kCore;
  EXPECT_THAT(told(copy), IsEmpty());
}

TEST_F(DeviceSignatureObserver, TellsNothingOfAnotherApplicationOrAForeignNumber) {
  auto copy = copy_of("SSH-2.0-dropbear\r\n");
  copy.app = *policy_.signatures.app("icmp");
  EXPECT_THAT(told(copy), IsEmpty());
  copy.app = 4000;
  EXPECT_THAT(told(copy), IsEmpty());
}

TEST_F(DeviceSignatureObserver, CleansWhatTheWireBrought) {
  EXPECT_THAT(told(copy_of("SSH-2.0-a\x1b[2Jb\r\n")),
              ElementsAre("signature banner: os=Linux", "signature banner: software=a\\u001b[2Jb"));
}

}  // namespace
}  // namespace wardline::policy
