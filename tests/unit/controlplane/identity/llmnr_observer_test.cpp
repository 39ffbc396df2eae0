#include <gmock/gmock.h>

#include "captured.h"
#include "controlplane/identity/dns_message.h"
#include "observed.h"
#include "wire_bytes.h"

namespace wardline::identity {
namespace {

using namespace test;

std::string message(unsigned flags, unsigned answers) {
  auto text = dns_header(flags, {.questions = 1, .answers = answers}) + dns_name("RADWS07") + u16(kDnsA) + u16(1);
  if (answers > 0) text += dns_record(u16(0xc00c), kDnsA, u32(0x0a4d140a), 30);
  return text;
}

TEST(LlmnrObserver, TellsTheNameThatIsAnsweredFor) {
  EXPECT_EQ(value_of(observe(first_bytes(message(0x8000, 1)), "llmnr"), "llmnr.hostname"), "RADWS07");
}

TEST(LlmnrObserver, AQuestionIsAboutAnother) {
  EXPECT_TRUE(observe(first_bytes(message(0, 0)), "llmnr").empty());
  EXPECT_TRUE(observe(first_bytes(message(0, 1)), "llmnr").empty());
}

TEST(LlmnrObserver, AnErrorNamesNobody) {
  EXPECT_TRUE(observe(first_bytes(message(0x8003, 1)), "llmnr").empty());
}

TEST(LlmnrObserver, EveryCutAndEveryBentByteIsReadWithoutHarm) {
  expect_cuts_tell_no_other(observe_llmnr, message(0x8000, 1));
  expect_bent_bytes_are_harmless(observe_llmnr, message(0x8000, 1));
}

}  // namespace
}  // namespace wardline::identity
