#include "dataplane/facts/reading.h"

#include "dataplane/facts/readers.h"

namespace wardline::facts {

void read_facts(Reader reader, Carrier carrier, std::span<const std::byte> bytes, bool from_client, FactSet& facts) {
  switch (reader) {
    case Reader::kDicom:
      return read_dicom(bytes, from_client, facts);
    case Reader::kHl7:
      return read_hl7(bytes, from_client, facts);
    case Reader::kHttp:
      return read_http(bytes, from_client, facts);
    case Reader::kTls:
      return read_tls(bytes, from_client, facts);
    case Reader::kQuic:
      return read_quic(bytes, from_client, facts);
    case Reader::kDns:
      return carrier == Carrier::kStream ? read_dns_tcp(bytes, from_client, facts)
                                         : read_dns(bytes, from_client, facts);
    case Reader::kSmb1:
    case Reader::kSmb2:
      return read_smb(bytes, from_client, facts);
    case Reader::kModbus:
      return read_modbus(bytes, from_client, facts);
    case Reader::kBacnet:
      return read_bacnet(bytes, from_client, facts);
    case Reader::kEnip:
      return read_enip(bytes, from_client, facts);
    case Reader::kSnmp:
      return read_snmp(bytes, from_client, facts);
    case Reader::kMqtt:
      return read_mqtt(bytes, from_client, facts);
    case Reader::kSip:
      return read_sip(bytes, from_client, facts);
    case Reader::kNone:
    case Reader::kCount:
      break;
  }
}

}  // namespace wardline::facts
