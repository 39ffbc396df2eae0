#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace wardline::facts {

// What a payload says beyond its application, as far as policy may ask for it.
enum class Fact : std::uint8_t {
  kDicomCalledAe,
  kDicomCallingAe,
  kDicomAbstractSyntax,  // one value for each that is proposed
  kDicomCommand,
  kHl7MessageType,
  kHl7Sender,
  kHttpMethod,
  kHttpHost,
  kHttpUserAgent,
  kHttpServer,
  kTlsSni,
  kTlsVersion,
  kTlsAlpn,
  kTlsJa3,
  kTlsJa4,
  kDnsName,
  kSmbDialect,
  kSmbShare,
  kModbusAccess,
  kBacnetAccess,
  kEnipAccess,
  kSnmpVersion,
  kMqttClientId,
  kMqttTopic,
  kSipUserAgent,
  kCount
};
inline constexpr std::size_t kFactCount = static_cast<std::size_t>(Fact::kCount);

// A flow-constant fact is told by the first bytes and stands for the flow's life; a per-message one is told anew by
// each message, so a rule that asks for it has the flow framed for life.
enum class Scope : std::uint8_t { kFlow, kMessage };

struct FactText {
  Fact fact;
  Scope scope;
  std::string_view name, help;
};

inline constexpr std::array<FactText, kFactCount> kFacts{{
    {Fact::kDicomCalledAe, Scope::kFlow, "dicom.called_ae", "title that an association calls"},
    {Fact::kDicomCallingAe, Scope::kFlow, "dicom.calling_ae", "title that an association comes from"},
    {Fact::kDicomAbstractSyntax, Scope::kFlow, "dicom.abstract_syntax", "UID of each service that is proposed"},
    {Fact::kDicomCommand, Scope::kMessage, "dicom.command", "c-store, c-find, c-move, c-get, c-echo, n-create ..."},
    {Fact::kHl7MessageType, Scope::kMessage, "hl7.message_type", "MSH-9, such as ORU^R01"},
    {Fact::kHl7Sender, Scope::kMessage, "hl7.sender", "MSH-3, the sending application"},
    {Fact::kHttpMethod, Scope::kMessage, "http.method", "GET, POST ... of each request"},
    {Fact::kHttpHost, Scope::kMessage, "http.host", "Host of each request, in lower case, without a port"},
    {Fact::kHttpUserAgent, Scope::kMessage, "http.user_agent", "User-Agent of each request"},
    {Fact::kHttpServer, Scope::kFlow, "http.server", "Server of the first answer"},
    {Fact::kTlsSni, Scope::kFlow, "tls.sni", "server name that the client asks for, in lower case"},
    {Fact::kTlsVersion, Scope::kFlow, "tls.version",
     "version that the server chose, else the highest offered: 1.0 to 1.3"},
    {Fact::kTlsAlpn, Scope::kFlow, "tls.alpn", "first protocol that the client offers"},
    {Fact::kTlsJa3, Scope::kFlow, "tls.ja3", "JA3 of the ClientHello, 32 hexadecimal digits"},
    {Fact::kTlsJa4, Scope::kFlow, "tls.ja4", "JA4 of the ClientHello"},
    {Fact::kDnsName, Scope::kMessage, "dns.name", "name asked for, in lower case"},
    {Fact::kSmbDialect, Scope::kFlow, "smb.dialect",
     "dialect that the server chose, else the highest offered: 1, 2.0.2 ... 3.1.1"},
    {Fact::kSmbShare, Scope::kMessage, "smb.share", "share that a tree connect asks for, in lower case"},
    {Fact::kModbusAccess, Scope::kMessage, "modbus.access", "read or write"},
    {Fact::kBacnetAccess, Scope::kMessage, "bacnet.access", "read, write or control"},
    {Fact::kEnipAccess, Scope::kMessage, "enip.access", "read or write"},
    {Fact::kSnmpVersion, Scope::kMessage, "snmp.version", "1, 2c or 3"},
    {Fact::kMqttClientId, Scope::kFlow, "mqtt.client_id", "client identifier of CONNECT"},
    {Fact::kMqttTopic, Scope::kMessage, "mqtt.topic", "topic of each PUBLISH and SUBSCRIBE, and of a will"},
    {Fact::kSipUserAgent, Scope::kFlow, "sip.user_agent", "User-Agent or Server of the first message"},
}};

consteval bool facts_in_order() {
  for (std::size_t i = 0; i < kFactCount; ++i)
    if (static_cast<std::size_t>(kFacts[i].fact) != i) return false;
  return true;
}
static_assert(facts_in_order());

// One value, cut at its capacity. Text from the wire: any bytes, whoever shows it escapes it.
struct FactValue {
  static constexpr std::size_t kMaxText = 93;
  Fact fact = Fact::kCount;
  std::uint8_t length = 0;
  bool cut = false;  // the value goes on: how it ends is not known
  std::array<char, kMaxText> text;

  std::string_view view() const { return {text.data(), length}; }
};
static_assert(sizeof(FactValue) == 96);

// What some first bytes or one message say. Fixed size, no allocation; what finds no room is left out and `truncated`.
class FactSet {
 public:
  static constexpr std::size_t kMaxValues = 12;

  void add(Fact fact, std::string_view text) {
    if (count_ == kMaxValues) {
      truncated_ = true;
      return;
    }
    FactValue& value = values_[count_++];
    value.fact = fact;
    value.length = static_cast<std::uint8_t>(std::min(text.size(), FactValue::kMaxText));
    std::copy_n(text.data(), value.length, value.text.data());
    value.cut = text.size() > FactValue::kMaxText;
    truncated_ = truncated_ || value.cut;
  }
  std::span<const FactValue> values() const { return {values_.data(), count_}; }
  bool truncated() const { return truncated_; }
  void clear() { count_ = 0, truncated_ = false; }

 private:
  std::uint8_t count_ = 0;
  bool truncated_ = false;
  std::array<FactValue, kMaxValues> values_;
};

// Who reads the payload of an application. The control plane gives each application its reader by name.
enum class Reader : std::uint8_t {
  kNone,
  kDicom,
  kHl7,
  kHttp,
  kTls,
  kQuic,
  kDns,
  kSmb1,
  kSmb2,
  kModbus,
  kBacnet,
  kEnip,
  kSnmp,
  kMqtt,
  kSip,
  kCount
};

}  // namespace wardline::facts
