// Protocols that read or write what they control, and the small ones: SNMP, MQTT, SIP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataplane/facts/fact_store.h"
#include "dataplane/facts/reading.h"
#include "tests/unit/dataplane/facts/wire.h"

namespace wardline::facts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string modbus(unsigned function) {
  return value(read(read_modbus, Wire().u16(1).u16(0).u16(6).u8(1).u8(function).u32(2)), Fact::kModbusAccess);
}

TEST(Modbus, FunctionsThatChangeNothingReadAndAllOthersWrite) {
  for (const unsigned function : {1u, 2u, 3u, 4u, 7u, 11u, 12u, 17u, 20u, 24u}) EXPECT_EQ(modbus(function), "read");
  for (const unsigned function : {5u, 6u, 8u, 15u, 16u, 21u, 22u, 23u, 90u}) EXPECT_EQ(modbus(function), "write");
}

TEST(Modbus, OfWhatFunction43CarriesOnlyTheIdentificationIsRead) {
  const auto kind = [](unsigned number) {
    return value(read(read_modbus, Wire().u16(1).u16(0).u16(5).u8(1).u8(43).u8(number).u8(1).u8(0)),
                 Fact::kModbusAccess);
  };
  EXPECT_EQ(kind(14), "read");
  EXPECT_EQ(kind(13), "write") << "CANopen";
}

TEST(Modbus, AnAnswerTellsNothing) {
  EXPECT_THAT(read(read_modbus, Wire().u16(1).u16(0).u16(6).u8(1).u8(6).u32(2), false).values(), IsEmpty());
}

std::string bacnet(const Wire& apdu, unsigned function = 0x0a, unsigned control = 0x04) {
  Wire npdu;
  npdu.u8(1).u8(control).raw(apdu);
  const Wire frame = Wire().u8(0x81).u8(function).u16(static_cast<unsigned>(4 + npdu.octets.size())).raw(npdu);
  return value(read(read_bacnet, frame), Fact::kBacnetAccess);
}

TEST(Bacnet, AConfirmedServiceReadsWritesOrControls) {
  EXPECT_EQ(bacnet(Wire().u8(0x00).u8(0x05).u8(1).u8(12)), "read");
  EXPECT_EQ(bacnet(Wire().u8(0x00).u8(0x05).u8(1).u8(14)), "read");
  EXPECT_EQ(bacnet(Wire().u8(0x00).u8(0x05).u8(1).u8(15)), "write");
  EXPECT_EQ(bacnet(Wire().u8(0x08).u8(0x05).u8(1).u8(0).u8(4).u8(16)), "write") << "in segments";
  EXPECT_EQ(bacnet(Wire().u8(0x00).u8(0x05).u8(1).u8(17)), "control");
  EXPECT_EQ(bacnet(Wire().u8(0x00).u8(0x05).u8(1).u8(20)), "control");
  EXPECT_EQ(bacnet(Wire().u8(0x00).u8(0x05).u8(1).u8(99)), "control") << "what nobody knows";
}

TEST(Bacnet, AnUnconfirmedServiceIsToldToo) {
  EXPECT_EQ(bacnet(Wire().u8(0x10).u8(8), 0x0b), "read") << "Who-Is";
  EXPECT_EQ(bacnet(Wire().u8(0x10).u8(6), 0x0b), "write") << "time synchronization";
  EXPECT_EQ(bacnet(Wire().u8(0x10).u8(4), 0x0b), "control") << "private transfer";
}

TEST(Bacnet, AnswersTellNothing) {
  EXPECT_EQ(bacnet(Wire().u8(0x20).u8(1).u8(15)), "");
  EXPECT_EQ(bacnet(Wire().u8(0x30).u8(1).u8(12).zeros(10)), "");
}

TEST(Bacnet, AddressesOfTheNetworkLayerAreStrippedOff) {
  const Wire addressed = Wire().u16(5).u8(1).u8(9).u16(7).u8(2).u16(3).u8(255).u8(0).u8(5).u8(1).u8(15);
  EXPECT_EQ(bacnet(addressed, 0x0a, 0x2c), "write");
  EXPECT_EQ(bacnet(Wire().u8(0x00), 0x0a, 0x80), "read") << "who is router";
  EXPECT_EQ(bacnet(Wire().u8(0x06), 0x0a, 0x80), "control") << "initialize routing table";
}

TEST(Bacnet, AForwardedRequestAndATableAreSeenAsWhatTheyAre) {
  const Wire forwarded = Wire().u8(0x81).u8(4).u16(20).zeros(6).u8(1).u8(4).u8(0).u8(5).u8(1).u8(15);
  EXPECT_EQ(value(read(read_bacnet, forwarded), Fact::kBacnetAccess), "write");
  EXPECT_EQ(value(read(read_bacnet, Wire().u8(0x81).u8(1).u16(4)), Fact::kBacnetAccess), "control");
  EXPECT_EQ(value(read(read_bacnet, Wire().text("nothing of the kind")), Fact::kBacnetAccess), "control");
}

Wire cip(const Wire& request) {
  Wire body;
  body.le32(0).le16(10).le16(2).le16(0).le16(0).le16(0xb2);
  body.le16(static_cast<unsigned>(request.octets.size())).raw(request);
  return Wire().le16(0x6f).le16(static_cast<unsigned>(body.octets.size())).zeros(20).raw(body);
}

std::string enip(const Wire& request) {
  return value(read(read_enip, cip(request)), Fact::kEnipAccess);
}

TEST(Enip, AServiceOfCipReadsOrWrites) {
  const Wire path = Wire().u8(0x20).u8(0x6b).u8(0x24).u8(0x01);
  const auto service = [&](unsigned number) { return Wire().u8(number).u8(2).raw(path).le16(1); };
  EXPECT_EQ(enip(service(0x0e)), "read");
  EXPECT_EQ(enip(service(0x4c)), "read");
  EXPECT_EQ(enip(service(0x10)), "write");
  EXPECT_EQ(enip(service(0x4d)), "write");
  EXPECT_EQ(enip(service(0x05)), "write") << "reset";
  EXPECT_EQ(enip(service(0x8e)), "") << "an answer";
}

TEST(Enip, ARequestInsideAnotherIsWhatCounts) {
  const Wire manager = Wire().u8(0x20).u8(0x06).u8(0x24).u8(0x01);
  const Wire write = Wire().u8(0x4d).u8(1).u8(0x91).u8(0).le16(0xc4);
  const auto wrapped = Wire().u8(0x52).u8(2).raw(manager).u8(5).u8(9).le16(6).raw(write);
  EXPECT_EQ(enip(wrapped), "write");
  const Wire both = Wire().u8(0x0a).u8(2).raw(manager).le16(2).le16(6).le16(8).u8(0x4c).u8(0).u8(0x4d).u8(0);
  EXPECT_EQ(enip(both), "write") << "one of several";
}

TEST(Enip, AWriteHidesInNoOtherRequest) {
  const Wire manager = Wire().u8(0x20).u8(0x06).u8(0x24).u8(0x01);
  const Wire wide = Wire().u8(0x21).u8(0).le16(6).u8(0x25).u8(0).le16(1);
  const Wire write = Wire().u8(0x4d).u8(1).u8(0x91).u8(0).le16(0xc4);
  const Wire read = Wire().u8(0x4c).u8(1).u8(0x91).u8(0).le16(1);
  EXPECT_EQ(enip(Wire().u8(0x52).u8(4).raw(wide).u8(5).u8(9).le16(6).raw(write)), "write") << "another form of path";
  EXPECT_EQ(enip(Wire().u8(0x52).u8(4).raw(wide).u8(5).u8(9).le16(6).raw(read)), "read");
  const Wire wrapped = Wire().u8(0x52).u8(2).raw(manager).u8(5).u8(9).le16(6).raw(write);
  EXPECT_EQ(enip(Wire().u8(0x0a).u8(2).raw(manager).le16(1).le16(4).raw(wrapped)), "write") << "two deep";
  EXPECT_EQ(enip(Wire().u8(0x0a).u8(2).raw(manager).le16(2).le16(6).le16(12).raw(read).raw(read)), "read");
  EXPECT_EQ(enip(Wire().u8(0x4c).u8(2).u8(0x20).u8(0x67).u8(0x24).u8(1)), "write") << "another object's own service";
  Wire body;
  body.le32(0).le16(10).le16(9);
  for (int item = 0; item < 8; ++item) body.le16(0x8000).le16(0);
  body.le16(0xb2).le16(6).raw(write);
  EXPECT_EQ(value(wardline::facts::read(read_enip, Wire().le16(0x6f).le16(50).zeros(20).raw(body)), Fact::kEnipAccess),
            "write")
      << "behind more items than anyone sends";
}

TEST(Enip, SessionsAndListsRead) {
  EXPECT_EQ(value(read(read_enip, Wire().le16(0x63).zeros(22)), Fact::kEnipAccess), "read");
}

TEST(Snmp, TheVersionIsTheFirstNumber) {
  const auto version = [](unsigned number) {
    return value(read(read_snmp, Wire().u8(0x30).u8(0x82).u16(300).u8(2).u8(1).u8(number).u8(4)), Fact::kSnmpVersion);
  };
  EXPECT_EQ(version(0), "1");
  EXPECT_EQ(version(1), "2c");
  EXPECT_EQ(version(3), "3");
  EXPECT_EQ(value(read(read_snmp, Wire().u8(0x30).u8(20).u8(2).u8(1).u8(1)), Fact::kSnmpVersion), "2c");
}

Wire packet(unsigned first, const Wire& body) {
  return Wire().u8(first).u8(static_cast<unsigned>(body.octets.size())).raw(body);
}
Wire word(std::string_view text) {
  return Wire().u16(static_cast<unsigned>(text.size())).text(text);
}

TEST(Mqtt, ConnectTellsTheClientInEachVersion) {
  const Wire old = Wire().raw(word("MQTT")).u8(4).u8(2).u16(60).raw(word("pump-17"));
  const Wire five = Wire().raw(word("MQTT")).u8(5).u8(2).u16(60).u8(3).u8(0x21).u16(9).raw(word("pump-17"));
  EXPECT_EQ(value(read(read_mqtt, packet(0x10, old)), Fact::kMqttClientId), "pump-17");
  EXPECT_EQ(value(read(read_mqtt, packet(0x10, five)), Fact::kMqttClientId), "pump-17");
}

TEST(Mqtt, PublishAndSubscribeTellTopics) {
  EXPECT_EQ(value(read(read_mqtt, packet(0x30, Wire().raw(word("ward/temp")).text("20"))), Fact::kMqttTopic),
            "ward/temp");
  const Wire both = Wire().u16(1).raw(word("a/#")).u8(0).raw(word("b")).u8(1);
  EXPECT_THAT(values(read(read_mqtt, packet(0x82, both)), Fact::kMqttTopic), ElementsAre("a/#", "b"));
  const Wire five = Wire().u16(1).u8(0).raw(word("a/#")).u8(0);
  EXPECT_THAT(values(read(read_mqtt, packet(0x82, five)), Fact::kMqttTopic), ElementsAre("a/#"));
  EXPECT_THAT(read(read_mqtt, packet(0xc0, Wire())).values(), IsEmpty()) << "a ping";
}

TEST(Mqtt, AWillIsPublishedInTheClientsName) {
  const Wire old =
      Wire().raw(word("MQTT")).u8(4).u8(6).u16(60).raw(word("pump-17")).raw(word("ward/gone")).raw(word("x"));
  const Wire five = Wire()
                        .raw(word("MQTT"))
                        .u8(5)
                        .u8(6)
                        .u16(60)
                        .u8(0)
                        .raw(word("pump-17"))
                        .u8(2)
                        .u8(1)
                        .u8(1)
                        .raw(word("ward/gone"))
                        .raw(word("x"));
  for (const Wire& connect : {old, five}) {
    const auto facts = read(read_mqtt, packet(0x10, connect));
    EXPECT_EQ(value(facts, Fact::kMqttClientId), "pump-17");
    EXPECT_EQ(value(facts, Fact::kMqttTopic), "ward/gone");
  }
}

TEST(Mqtt, AFilterThatCannotBeToldIsNoneThatARuleLists) {
  Wire many = Wire().u16(1);
  for (int i = 0; i < 13; ++i) many.raw(word("a")).u8(0);
  const auto told = values(read(read_mqtt, packet(0x82, many)), Fact::kMqttTopic);
  EXPECT_EQ(told.size(), FactSet::kMaxValues);
  EXPECT_EQ(told.back(), "") << "more than there is room for";
  // Of version 5 one filter of 256 bytes, of version 3 one of a NUL and one of 253.
  const Wire both =
      Wire().u8(0x82).u8(0x86).u8(2).u16(1).u8(0).u16(256).u8('#').u16(253).text(std::string(253, 'x')).u8(0);
  EXPECT_EQ(value(read(read_mqtt, both), Fact::kMqttTopic), "") << "two versions read it differently";
  const Wire cut = Wire().u8(0x82).u8(40).u16(1).raw(word("a/b")).u8(0).raw(word("c"));
  EXPECT_EQ(value(read(read_mqtt, cut), Fact::kMqttTopic), "") << "not there whole";
  EXPECT_EQ(value(read(read_mqtt, packet(0x82, Wire().u16(1))), Fact::kMqttTopic), "");
}

TEST(Sip, TheAgentOfARequestOrAnswerIsTold) {
  EXPECT_EQ(value(read(read_sip, Wire().text("REGISTER sip:a SIP/2.0\r\nVia: x\r\nUser-Agent: Nurse Phone/2\r\n\r\n")),
                  Fact::kSipUserAgent),
            "Nurse Phone/2");
  EXPECT_EQ(value(read(read_sip, Wire().text("SIP/2.0 200 OK\r\nserver :  PBX\r\n\r\n"), false), Fact::kSipUserAgent),
            "PBX");
}

TEST(Readers, AreSilentAboutNoBytes) {
  for (std::size_t reader = 0; reader < static_cast<std::size_t>(Reader::kCount); ++reader) {
    if (static_cast<Reader>(reader) == Reader::kBacnet || static_cast<Reader>(reader) == Reader::kHl7) continue;
    FactSet facts;
    read_facts(static_cast<Reader>(reader), Carrier::kStream, {}, true, facts);
    EXPECT_THAT(facts.values(), IsEmpty()) << reader;
  }
}

TEST(FactStore, KeepsWhatItHasRoomForAndForgetsWhatItIsTold) {
  FactStore store(2);
  store.keep(1)->facts.add(Fact::kTlsSni, "a");
  store.keep(1ULL << 40)->facts.add(Fact::kTlsSni, "b");
  EXPECT_EQ(store.keep(3), nullptr);
  EXPECT_EQ(store.find(3), nullptr);
  EXPECT_EQ(value(store.find(1)->facts, Fact::kTlsSni), "a");
  store.forget(1);
  EXPECT_EQ(store.find(1), nullptr);
  ASSERT_NE(store.keep(3), nullptr);
  EXPECT_THAT(store.find(3)->facts.values(), IsEmpty());
  EXPECT_EQ(value(store.find(1ULL << 40)->facts, Fact::kTlsSni), "b");
}

TEST(FactTable, EachFactHasAReaderThatTellsIt) {
  for (const auto& text : kFacts) {
    bool told = false;
    for (std::size_t reader = 0; reader < static_cast<std::size_t>(Reader::kCount); ++reader)
      told = told || tells(static_cast<Reader>(reader), text.fact);
    EXPECT_TRUE(told) << text.name;
  }
}

}  // namespace
}  // namespace wardline::facts
