// What clinical, building and other protocols of the test captures say, compared with what tshark read in them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "dataplane/facts/wire_text.h"
#include "dataplane/work/message_shape.h"
#include "tests/unit/captures.h"
#include "tests/unit/dataplane/facts/capture_payloads.h"

namespace wardline::facts {
namespace {

using Texts = std::set<std::string>;
using testing::IsSubsetOf;
using work::MessageShape;
using work::ShapeStep;

struct Capture {
  std::string file;
  nlohmann::json attributes;
  std::map<std::string, SentBytes> sides;

  Texts listed(const char* attribute) const {
    Texts found;
    if (attributes.contains(attribute))
      for (const auto& value : attributes[attribute]) found.insert(value[0].get<std::string>());
    return found;
  }
};

// The well-formed captures in which tshark found this attribute. Of lists of twelve values the rest is not told.
constexpr std::size_t kCutShortList = 12;
std::vector<Capture> captures_with(const char* attribute) {
  std::vector<Capture> captures;
  for (const auto& line : test::capture_facts()) {
    const auto facts = nlohmann::json::parse(line);
    const std::string file = facts["file"];
    if (!facts.contains("attrs") || !facts["attrs"].contains(attribute)) continue;
    if (file.starts_with("malformed/") || file.starts_with("threats/")) continue;
    captures.push_back({file, facts["attrs"], payloads_of_capture(test::captures() / file)});
  }
  return captures;
}

// The messages of a stream, each by itself, as far as they are there whole.
std::vector<Octets> messages_of(Reader reader, std::span<const std::byte> stream) {
  std::vector<Octets> messages;
  MessageShape shape;
  shape.start(reader);
  for (Octets message; !stream.empty();) {
    const ShapeStep step = shape.take(stream);
    if (step.answer == ShapeStep::Answer::kGarbage) break;
    message.insert(message.end(), stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(step.taken));
    stream = stream.subspan(step.taken);
    if (step.answer == ShapeStep::Answer::kEnd) messages.push_back(std::exchange(message, {}));
  }
  return messages;
}

void add_all(Texts& texts, const FactSet& facts, Fact fact) {
  for (const auto& text : values(facts, fact)) texts.insert(text);
}

TEST(CaptureMessageFacts, DicomTitlesAndServicesAreThoseOfTheAssociations) {
  if (test::captures().empty()) GTEST_SKIP() << test::kNoCaptures;
  std::size_t titles = 0, services = 0;
  for (const auto& capture : captures_with("dicom.assoc.ae.calling")) {
    Texts called, calling, syntaxes;
    for (const auto& [key, sent] : capture.sides) {
      const auto facts = read(read_dicom, sent.stream);
      add_all(called, facts, Fact::kDicomCalledAe);
      add_all(calling, facts, Fact::kDicomCallingAe);
      add_all(syntaxes, facts, Fact::kDicomAbstractSyntax);
    }
    EXPECT_EQ(called, capture.listed("dicom.assoc.ae.called")) << capture.file;
    EXPECT_EQ(calling, capture.listed("dicom.assoc.ae.calling")) << capture.file;
    titles += called.size() + calling.size();
    const auto theirs = capture.listed("dicom.pctx.abss.syntax");  // "Verification SOP Class (1.2.840.10008.1.1)"
    if (theirs.size() >= kCutShortList) continue;
    for (const auto& uid : syntaxes) {
      EXPECT_TRUE(std::ranges::any_of(theirs, [&](const auto& text) { return text.ends_with("(" + uid + ")"); }))
          << capture.file << " " << uid;
      ++services;
    }
  }
  std::cout << titles << " titles and " << services << " services compared\n";
  EXPECT_GE(titles, 16u);
  EXPECT_GE(services, 4u);
}

// Commands follow the association in the same stream; a C-MOVE brings a C-STORE from the other side.
TEST(CaptureMessageFacts, DicomCommandsAreThoseOfTheCatalogue) {
  if (test::captures().empty()) GTEST_SKIP() << test::kNoCaptures;
  const std::map<std::string, Texts> expected{{"medical/dicom-c-echo-nonstd-port-4242.pcap", {"c-echo"}},
                                              {"medical/gen-dicom-abort.pcap", {"c-echo"}},
                                              {"medical/gen-dicom-mwl-find.pcap", {"c-find"}},
                                              {"medical/gen-dicom-assoc-reject-called-ae.pcap", {}}};
  for (const auto& [file, wanted] : expected) {
    Texts commands;
    for (const auto& [key, sent] : payloads_of_capture(test::captures() / file))
      for (const auto& message : messages_of(Reader::kDicom, sent.stream))
        add_all(commands, read(read_dicom, message), Fact::kDicomCommand);
    EXPECT_EQ(commands, wanted) << file;
  }
}

// tshark does not take these two apart, as their segments end with a line feed; the catalogue says what they are.
const std::map<std::string, Texts> kHl7OfTheCatalogue{{"medical/hl7-mllp-adt-a01.pcap", {"ADT", "ACK"}},
                                                      {"medical/hl7-mllp-adt-udi-obx-hospira.pcap", {"ADT", "ACK"}}};

const std::map<std::string, std::string> kHl7Senders{{"medical/gen-hl7-pcd01-oru-five-messages.pcap", "TESTMON_GW"},
                                                     {"medical/gen-hl7-mllp-split-and-merged.pcap", "SPLITGW"},
                                                     {"medical/hl7-mllp-adt-a01.pcap", "SENDING_APPLICATION"},
                                                     {"medical/hl7-mllp-oru-r01-two-segments.pcap", "SendingApp"}};

TEST(CaptureMessageFacts, Hl7MessagesHaveTheirTypesAndSenders) {
  if (test::captures().empty()) GTEST_SKIP() << test::kNoCaptures;
  std::size_t compared = 0;
  for (const auto& capture : captures_with("hl7.message.type")) {
    Texts types, senders;
    for (const auto& [key, sent] : capture.sides) {
      if (sent.stream.empty()) continue;
      const auto facts = read(read_hl7, sent.stream);
      const auto type = value(facts, Fact::kHl7MessageType);
      if (type.empty()) continue;
      types.insert(type.substr(0, type.find('^')));
      add_all(senders, facts, Fact::kHl7Sender);
      ++compared;
    }
    const auto known = kHl7OfTheCatalogue.find(capture.file);
    EXPECT_EQ(types, known == kHl7OfTheCatalogue.end() ? capture.listed("hl7.message.type") : known->second)
        << capture.file;
    const auto sender = kHl7Senders.find(capture.file);
    EXPECT_TRUE(sender == kHl7Senders.end() || senders.contains(sender->second)) << capture.file;
  }
  EXPECT_GE(compared, 10u);
}

TEST(CaptureMessageFacts, MqttClientsAndTopicsAreThoseThatTsharkReads) {
  if (test::captures().empty()) GTEST_SKIP() << test::kNoCaptures;
  std::size_t topics_read = 0;
  for (const auto& capture : captures_with("mqtt.topic")) {
    Texts clients, topics;
    for (const auto& [key, sent] : capture.sides) {
      for (const auto& message : messages_of(Reader::kMqtt, sent.stream)) {
        const auto facts = read(read_mqtt, message, sent.to_port < sent.from_port);
        add_all(clients, facts, Fact::kMqttClientId);
        add_all(topics, facts, Fact::kMqttTopic);
      }
    }
    clients.erase("");
    EXPECT_EQ(clients, capture.listed("mqtt.clientid")) << capture.file;
    EXPECT_THAT(topics, IsSubsetOf(capture.listed("mqtt.topic"))) << capture.file;
    topics_read += topics.size();
  }
  EXPECT_GE(topics_read, 2u);
}

TEST(CaptureMessageFacts, SipAgentsAndSnmpVersionsAreThoseThatTsharkReads) {
  if (test::captures().empty()) GTEST_SKIP() << test::kNoCaptures;
  for (const auto& capture : captures_with("sip.User-Agent")) {
    Texts agents, wanted = capture.listed("sip.User-Agent");
    wanted.merge(capture.listed("sip.Server"));
    for (const auto& [key, sent] : capture.sides)
      for (const auto& datagram : sent.datagrams)
        if (sent.to_port == 5060 || sent.from_port == 5060)
          add_all(agents, read(read_sip, datagram), Fact::kSipUserAgent);
    EXPECT_THAT(agents, IsSubsetOf(wanted)) << capture.file;
    EXPECT_GE(agents.size(), 2u) << capture.file;
  }
  const std::map<std::string, std::string> names{{"0", "1"}, {"1", "2c"}, {"3", "3"}};
  std::size_t compared = 0;
  for (const auto& capture : captures_with("snmp.version")) {
    Texts versions, wanted;
    for (const auto& number : capture.listed("snmp.version")) wanted.insert(names.at(number));
    wanted.insert("3");  // that tshark calls by another name
    for (const auto& [key, sent] : capture.sides)
      for (const auto& datagram : sent.datagrams)
        if (const auto port = std::min(sent.from_port, sent.to_port); port == 161 || port == 162)
          add_all(versions, read(read_snmp, datagram), Fact::kSnmpVersion);
    EXPECT_THAT(versions, IsSubsetOf(wanted)) << capture.file;
    compared += versions.size();
  }
  EXPECT_GE(compared, 3u);
}

TEST(CaptureMessageFacts, ModbusRequestsReadOrWriteAsTheirFunctionsSay) {
  if (test::captures().empty()) GTEST_SKIP() << test::kNoCaptures;
  const Texts reading{"1", "2", "3", "4"};
  for (const auto& capture : captures_with("modbus.func_code")) {
    Texts accesses, wanted;
    for (const auto& function : capture.listed("modbus.func_code"))
      wanted.insert(reading.contains(function) ? "read" : "write");
    for (const auto& [key, sent] : capture.sides)
      if (sent.to_port == 502)
        for (const auto& message : messages_of(Reader::kModbus, sent.stream))
          add_all(accesses, read(read_modbus, message), Fact::kModbusAccess);
    EXPECT_EQ(accesses, wanted) << capture.file;
  }
}

TEST(CaptureMessageFacts, BacnetAsksForWhatItsServicesSay) {
  if (test::captures().empty()) GTEST_SKIP() << test::kNoCaptures;
  // Two have a foreign device that registers (J.5.2), beside what only asks.
  const std::map<std::string, Texts> expected{{"building-and-ot/bacnet-bbmd.pcap", {"control", "read"}},
                                              {"building-and-ot/bacnet-ndpi.pcap", {"read"}},
                                              {"building-and-ot/bacnet-honeypot-s4-host.pcap", {"control", "read"}}};
  for (const auto& [file, wanted] : expected) {
    Texts accesses;
    for (const auto& [key, sent] : payloads_of_capture(test::captures() / file))
      for (const auto& datagram : sent.datagrams)
        if (sent.to_port == 47808 && datagram.size() > 4 && datagram[0] == std::byte{0x81})
          add_all(accesses, read(read_bacnet, datagram), Fact::kBacnetAccess);
    EXPECT_EQ(accesses, wanted) << file;
  }
}

// One only looks at a controller; in the other some of the groups of requests that read tags also change one (0x4e).
TEST(CaptureMessageFacts, EtherNetIpRequestsAreToldEach) {
  if (test::captures().empty()) GTEST_SKIP() << test::kNoCaptures;
  std::size_t told = 0;
  for (const auto& capture : captures_with("enip.command")) {
    std::map<std::string, std::size_t> accesses;
    for (const auto& [key, sent] : capture.sides)
      if (sent.to_port == 44818)
        for (const auto& message : messages_of(Reader::kEnip, sent.stream))
          ++accesses[value(read(read_enip, message), Fact::kEnipAccess)], ++told;
    EXPECT_TRUE(accesses.contains("read")) << capture.file;
    EXPECT_EQ(accesses.contains("write"), capture.file.ends_with("enip-ndpi.pcap")) << capture.file;
  }
  EXPECT_GE(told, 20u);
}

}  // namespace
}  // namespace wardline::facts
