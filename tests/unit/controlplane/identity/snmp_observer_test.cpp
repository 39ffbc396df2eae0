#include <gmock/gmock.h>

#include "captured.h"
#include "observed.h"
#include "wire_bytes.h"

namespace wardline::identity {
namespace {

using namespace test;
using namespace std::string_literals;

constexpr unsigned kInteger = 0x02, kOctets = 0x04, kObjectId = 0x06, kSequence = 0x30, kGetRequest = 0xa0,
                   kGetResponse = 0xa2;

std::string ber(unsigned tag, const std::string& value) {
  const auto size = static_cast<unsigned>(value.size());
  return u8(tag) + (size < 128 ? u8(size) : u8(0x82) + u16(size)) + value;
}

// 1.3.6.1.2.1.1.N.0.
std::string binding(unsigned number, unsigned tag, const std::string& value) {
  return ber(kSequence, ber(kObjectId, "\x2b\x06\x01\x02\x01\x01"s + u8(number) + u8(0)) + ber(tag, value));
}

struct Message {
  unsigned version = 1, pdu = kGetResponse, error = 0;
  std::string bindings = binding(1, kOctets, "TestPump OS 4.1") + binding(5, kOctets, "pump-3") +
                         binding(6, kOctets, "Ward 3") + binding(2, kObjectId, "\x2b\x06\x01\x04\x01\xbf\x08\x03");

  std::string bytes() const {
    return ber(kSequence, ber(kInteger, u8(version)) + ber(kOctets, "s3cret") +
                              ber(pdu, ber(kInteger, u16(7)) + ber(kInteger, u8(error)) + ber(kInteger, u8(0)) +
                                           ber(kSequence, bindings)));
  }
};

Observations observed(const std::string& message) {
  return observe(first_bytes(message), "snmp");
}

TEST(SnmpObserver, AnAnswerTellsTheSystemGroup) {
  for (const unsigned version : {0U, 1U}) {
    const auto told = observed(Message{.version = version}.bytes());
    EXPECT_EQ(value_of(told, "snmp.description"), "TestPump OS 4.1");
    EXPECT_EQ(value_of(told, "snmp.name"), "pump-3");
    EXPECT_EQ(value_of(told, "snmp.location"), "Ward 3");
    EXPECT_EQ(value_of(told, "snmp.object_id"), "1.3.6.1.4.1.8072.3");
    EXPECT_EQ(told.size(), 4U) << "the community is not told";
  }
}

TEST(SnmpObserver, OnlyAnAnswerWithoutErrorCounts) {
  EXPECT_TRUE(observed(Message{.pdu = kGetRequest}.bytes()).empty());
  EXPECT_TRUE(observed(Message{.error = 2}.bytes()).empty());
  EXPECT_TRUE(observed(Message{.version = 3}.bytes()).empty());
}

TEST(SnmpObserver, OtherObjectsAndOtherKindsOfValueAreNotTold) {
  EXPECT_TRUE(observed(Message{.bindings = binding(4, kOctets, "admin@example.com")}.bytes()).empty());
  EXPECT_TRUE(observed(Message{.bindings = binding(1, kInteger, "\x05")}.bytes()).empty());
}

TEST(SnmpObserver, ALongAnswerIsToldAsFarAsTheCopyGoes) {
  const auto message = Message{.bindings = binding(5, kOctets, "pump-3") + binding(1, kOctets, std::string(3000, 'd'))};
  const auto told = observed(message.bytes());
  EXPECT_EQ(value_of(told, "snmp.name"), "pump-3");
  EXPECT_EQ(value_of(told, "snmp.description"), "");
}

TEST(SnmpObserver, AnObjectIdBeyondItsBoundsIsNotTold) {
  for (const auto& id : {"\x2b\x06\x81"s, "\x2b\xff\xff\xff\xff\xff\x7f"s, std::string(200, '\x01')})
    EXPECT_TRUE(observed(Message{.bindings = binding(2, kObjectId, id)}.bytes()).empty());
}

TEST(SnmpObserver, ALengthOfManyBytesIsNoLength) {
  for (const auto& length : {"\x80"s, "\x85\x00\x00\x00\x00\x40"s, "\x84\xff\xff\xff\xff"s}) {
    const auto bindings =
        "\x30"s + length + ber(kObjectId, "\x2b\x06\x01\x02\x01\x01\x01\x00"s) + "\x04\x84\xff\xff\xff\xffx";
    EXPECT_TRUE(observed(Message{.bindings = bindings}.bytes()).empty());
  }
}

TEST(SnmpObserver, EveryCutAndEveryBentByteIsReadWithoutHarm) {
  expect_cuts_tell_no_other(observe_snmp, Message{}.bytes());
  expect_bent_bytes_are_harmless(observe_snmp, Message{}.bytes());
}

}  // namespace
}  // namespace wardline::identity
