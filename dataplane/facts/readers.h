#pragma once
#include <cstddef>
#include <span>

#include "dataplane/facts/fact.h"

// What reads facts out of a payload, one function for each application. `bytes` are a datagram, a message, or the first
// bytes of a direction as far as they are there: a reader gives what it can read and is silent about the rest. It
// allocates nothing and its work is bounded by the bytes. A reader only adds to `facts`: where both sides tell of one
// flow-constant fact (tls.version, smb.dialect), what the server says, which is what was chosen, comes after.
namespace wardline::facts {

// First bytes of TLS over TCP, or a datagram of DTLS: the first ClientHello of a client, the ServerHello of a server.
void read_tls(std::span<const std::byte> bytes, bool from_client, FactSet& facts);

// A datagram of QUIC v1 or v2 by itself: the ClientHello of a client's Initial packets. A hello that needs several
// datagrams is gathered with QuicHello (quic_hello.h).
void read_quic(std::span<const std::byte> bytes, bool from_client, FactSet& facts);

// The head of one HTTP/1 request or answer.
void read_http(std::span<const std::byte> bytes, bool from_client, FactSet& facts);

// One DNS message, of UDP, or with the two bytes of length that come before it in TCP (RFC 1035, 4.2.2).
void read_dns(std::span<const std::byte> bytes, bool from_client, FactSet& facts);
void read_dns_tcp(std::span<const std::byte> bytes, bool from_client, FactSet& facts);

// One or several messages of SMB1, SMB2 or SMB3 behind their NetBIOS or direct TCP headers: a client that starts with
// SMB1 may be answered with SMB2, so that one reader knows both.
void read_smb(std::span<const std::byte> bytes, bool from_client, FactSet& facts);

// PDUs of the DICOM upper layer: what an A-ASSOCIATE-RQ proposes, the requests among the commands of a P-DATA-TF.
void read_dicom(std::span<const std::byte> bytes, bool from_client, FactSet& facts);

// One HL7 v2 message, behind its MLLP start byte or without one. Nothing is read beyond the MSH segment.
void read_hl7(std::span<const std::byte> bytes, bool from_client, FactSet& facts);

// One message of Modbus/TCP. Only a client's: an answer has the function code of its question.
void read_modbus(std::span<const std::byte> bytes, bool from_client, FactSet& facts);

// One datagram of BACnet/IP, of either side: both may ask on the same pair of ports.
void read_bacnet(std::span<const std::byte> bytes, bool from_client, FactSet& facts);

// One encapsulated message of EtherNet/IP with the CIP request that it carries.
void read_enip(std::span<const std::byte> bytes, bool from_client, FactSet& facts);

void read_snmp(std::span<const std::byte> bytes, bool from_client, FactSet& facts);

// One MQTT control packet (3.1, 3.1.1 or 5).
void read_mqtt(std::span<const std::byte> bytes, bool from_client, FactSet& facts);

void read_sip(std::span<const std::byte> bytes, bool from_client, FactSet& facts);

}  // namespace wardline::facts
