#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/identity/observers.h"
#include "dataplane/packet/cursor.h"

// Messages of the DNS (RFC 1035, 4.1), a form that multicast DNS, LLMNR and the NetBIOS name service share.
namespace wardline::identity {

using Labels = std::vector<std::string_view>;  // of a name, without the root's; views into the message

struct DnsRecord {
  Labels name;
  std::uint16_t type = 0;
  std::uint32_t ttl = 0;  // seconds
  Bytes data{};
};

struct DnsMessage {
  std::uint16_t flags = 0;
  std::vector<Labels> questions{};
  std::vector<DnsRecord> answers{}, authorities{}, additionals{};

  bool response() const { return (flags & 0x8000) != 0; }
  int opcode() const { return flags >> 11 & 0xf; }
  int error() const { return flags & 0xf; }
};

inline constexpr std::uint16_t kDnsA = 1, kDnsPtr = 12, kDnsTxt = 16, kDnsAaaa = 28, kDnsSrv = 33;

// What of a message is there whole, up to the first name or record that cannot be read. nullopt without a header.
std::optional<DnsMessage> read_dns_message(Bytes bytes);

// The name at the front of `in`, which stands within `message`. Compression pointers (RFC 1035, 4.1.4) are followed
// only to what stands before them, and a few times.
std::optional<Labels> read_dns_name(Bytes message, packet::Cursor& in);

// With dots between the labels. A dot within a label is not told apart.
std::string dotted(const Labels& name);

// A name that stands alone and so has no pointers; a partial one lacks the root label (RFC 4702, 2.3, and RFC 4704,
// 4.2). Empty when it is none.
std::string domain_text(Bytes encoded);

}  // namespace wardline::identity
