#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/facts/fact.h"

namespace wardline::facts {

enum class Carrier : std::uint8_t { kStream, kDatagram };

// What these bytes say, by the reader of their application. Adds to `facts`.
void read_facts(Reader reader, Carrier carrier, std::span<const std::byte> bytes, bool from_client, FactSet& facts);

// Whether a reader can tell a fact at all.
constexpr bool tells(Reader reader, Fact fact) {
  switch (fact) {
    case Fact::kDicomCalledAe:
    case Fact::kDicomCallingAe:
    case Fact::kDicomAbstractSyntax:
    case Fact::kDicomCommand:
      return reader == Reader::kDicom;
    case Fact::kHl7MessageType:
    case Fact::kHl7Sender:
      return reader == Reader::kHl7;
    case Fact::kHttpMethod:
    case Fact::kHttpHost:
    case Fact::kHttpUserAgent:
    case Fact::kHttpServer:
      return reader == Reader::kHttp;
    case Fact::kTlsSni:
    case Fact::kTlsVersion:
    case Fact::kTlsAlpn:
    case Fact::kTlsJa3:
    case Fact::kTlsJa4:
      return reader == Reader::kTls || reader == Reader::kQuic;
    case Fact::kDnsName:
      return reader == Reader::kDns;
    case Fact::kSmbDialect:
    case Fact::kSmbShare:
      return reader == Reader::kSmb1 || reader == Reader::kSmb2;
    case Fact::kModbusAccess:
      return reader == Reader::kModbus;
    case Fact::kBacnetAccess:
      return reader == Reader::kBacnet;
    case Fact::kEnipAccess:
      return reader == Reader::kEnip;
    case Fact::kSnmpVersion:
      return reader == Reader::kSnmp;
    case Fact::kMqttClientId:
    case Fact::kMqttTopic:
      return reader == Reader::kMqtt;
    case Fact::kSipUserAgent:
      return reader == Reader::kSip;
    case Fact::kCount:
      break;
  }
  return false;
}

constexpr Scope scope_of(Fact fact) {
  return kFacts[static_cast<std::size_t>(fact)].scope;
}

constexpr std::string_view name_of(Fact fact) {
  return kFacts[static_cast<std::size_t>(fact)].name;
}

// A fact whose values stand beside each other: each of them must be one that the rule lists. Of the others the last
// one counts, as what a server chose comes after what its client offered.
constexpr bool several(Fact fact) {
  return scope_of(fact) == Scope::kMessage || fact == Fact::kDicomAbstractSyntax;
}

// A flow-constant fact that the server's first answer tells; the others stand in what the client says first.
constexpr bool told_by_server(Fact fact) {
  return fact == Fact::kHttpServer || fact == Fact::kSmbDialect;
}

// A fact that each message of a client has, so that a message without it hides it. Others are missing where a message
// is of a kind that has none: an echo in DICOM, a keep-alive of MQTT.
constexpr bool in_each_message(Fact fact) {
  switch (fact) {
    case Fact::kHl7MessageType:
    case Fact::kHl7Sender:
    case Fact::kHttpMethod:
    case Fact::kHttpHost:
    case Fact::kHttpUserAgent:
    case Fact::kDnsName:
    case Fact::kModbusAccess:
    case Fact::kSnmpVersion:
      return true;
    default:
      return false;
  }
}

// What a record may show of a value. A topic of MQTT may name a patient, so it is never told.
constexpr bool may_be_shown(Fact fact) {
  return fact != Fact::kMqttTopic;
}

// A set of facts.
using FactMask = std::uint32_t;
static_assert(kFactCount <= 32);
constexpr FactMask bit(Fact fact) {
  return FactMask{1} << static_cast<unsigned>(fact);
}
constexpr FactMask mask_of(Scope scope) {
  FactMask mask = 0;
  for (const auto& text : kFacts)
    if (text.scope == scope) mask |= bit(text.fact);
  return mask;
}

}  // namespace wardline::facts
