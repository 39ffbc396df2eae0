#include <fmt/format.h>

#include <array>
#include <bit>

#include "controlplane/identity/dns_message.h"

namespace wardline::identity {
namespace {

// RFC 1002, 4.2.1.1; a refresh is 8 there and 9 in 4.2.4. 15: a host of several addresses (Windows).
constexpr int kQuery = 0, kRegistration = 5, kRefresh = 8, kOtherRefresh = 9, kMultihomed = 15;
constexpr std::uint16_t kNb = 0x20, kNodeStatus = 0x21;
constexpr std::uint16_t kRecursionAvailable = 0x0080, kGroup = 0x8000;
constexpr std::size_t kNameLength = 15;  // one more byte says what the name is for

// Suffixes of what is a machine or its group. 0x03 is among those left out: it may be the name of who is logged on.
constexpr std::uint8_t kWorkstation = 0x00, kFileServer = 0x20;

// `name`: 15 bytes padded with blanks, and the suffix.
void tell_name(std::string_view name, bool group, Observations& out) {
  if (name.size() != kNameLength + 1) return;
  const auto suffix = static_cast<std::uint8_t>(name.back());
  const auto text = name.substr(0, kNameLength);
  if (!group && (suffix == kWorkstation || suffix == kFileServer)) tell(out, "netbios", "netbios.name", text);
  if (group && suffix == kWorkstation) tell(out, "netbios", "netbios.workgroup", text);
}

// The first level of a name's encoding (RFC 1001, 14.1): a letter from A to P for each half byte.
std::string decoded(const Labels& name) {
  std::string text;
  if (name.empty() || name.front().size() != 2 * (kNameLength + 1)) return text;
  const auto letters = name.front();
  for (std::size_t i = 0; i < letters.size(); i += 2) {
    const auto high = letters[i] - 'A', low = letters[i + 1] - 'A';
    if (high < 0 || high > 15 || low < 0 || low > 15) return {};
    text += static_cast<char>(high << 4 | low);
  }
  return text;
}

// RFC 1002, 4.2.18: how many, then each name and its flags.
void tell_node_status(Bytes data, Observations& out) {
  packet::Cursor in(data);
  for (int left = in.u8(); left > 0; --left) {
    const auto name = in.take(kNameLength + 1);
    const auto flags = in.u16();
    if (in.failed()) return;
    tell_name(as_text(name), (flags & kGroup) != 0, out);
  }
}

void tell_record(const DnsRecord& record, Observations& out) {
  packet::Cursor data(record.data);
  const auto flags = data.u16();
  if (record.type == kNb && !data.failed()) tell_name(decoded(record.name), (flags & kGroup) != 0, out);
  if (record.type == kNodeStatus) tell_node_status(record.data, out);
}

constexpr std::string_view kBrowse{"\\MAILSLOT\\BROWSE\0", 17};
constexpr std::string_view kSmb = "\xffSMB";
constexpr std::uint8_t kTransaction = 0x25, kWords = 17;  // those of a write to a mailslot (MS-MAIL, 2.2)

// Numbers of SMB have the low byte first.
std::uint16_t low_first(std::uint16_t number) {
  return std::byteswap(number);
}

// What is written to the browser's mailslot; empty for all else.
Bytes browser_message(Bytes smb) {
  packet::Cursor in(smb);
  const auto header = in.take<32>();
  const auto words = in.u8();
  const auto parameters = in.take<2 * kWords>();
  in.skip(2);  // how many bytes follow
  const auto mailslot = in.take(kBrowse.size());
  if (in.failed() || as_text(header.bytes().first<4>()) != kSmb || header.u8<4>() != kTransaction) return {};
  if (words != kWords || as_text(mailslot) != kBrowse) return {};
  const std::size_t length = low_first(parameters.u16<22>()), offset = low_first(parameters.u16<24>());
  packet::Cursor data(smb);
  data.skip(offset);
  return data.take(length);
}

// MS-BRWS, 2.2: a host, a domain by its master, a host that is the master.
constexpr std::uint8_t kHost = 1, kDomain = 12, kLocalMaster = 15;

std::string_view ended(std::string_view text) {
  return text.substr(0, text.find('\0'));
}

void tell_announcement(Bytes message, Observations& out) {
  packet::Cursor in(message);
  const auto fixed = in.take<32>();
  if (in.failed()) return;
  const auto kind = fixed.u8<0>();
  const auto name = ended(as_text(fixed.bytes().subspan<6, 16>()));
  if (kind == kDomain) tell(out, "netbios", "netbios.workgroup", name);
  if (kind != kHost && kind != kLocalMaster) return;
  tell(out, "netbios", "netbios.name", name);
  tell(out, "netbios", "netbios.os", fmt::format("Windows {}.{}", fixed.u8<22>(), fixed.u8<23>()));
  const auto comment = as_text(in.rest());
  if (comment.contains('\0')) tell(out, "netbios", "netbios.comment", ended(comment));
}

}  // namespace

void observe_netbios_name(Bytes payload, const Speech&, Observations& out) {
  const auto message = read_dns_message(payload);
  if (!message || message->error() != 0) return;
  const auto opcode = message->opcode();
  const bool claims = opcode == kRegistration || opcode == kRefresh || opcode == kOtherRefresh || opcode == kMultihomed;
  if (!message->response() && claims) {
    for (const auto& record : message->additionals) tell_record(record, out);
  } else if (message->response() && opcode == kQuery && (message->flags & kRecursionAvailable) == 0) {
    // A name server, which alone sets that flag (RFC 1002, 4.2.1.1), answers for others.
    for (const auto& record : message->answers) tell_record(record, out);
  }
}

void observe_netbios_datagram(Bytes payload, const Speech&, Observations& out) {
  constexpr std::uint8_t kFirstKind = 0x10, kLastKind = 0x12;  // unique, group, broadcast (RFC 1002, 4.4.1)
  packet::Cursor in(payload);
  const auto header = in.take<14>();
  const auto kind = header.u8<0>();
  const bool begins = header.u16<12>() == 0;  // not a later part of a datagram that was split
  if (in.failed() || kind < kFirstKind || kind > kLastKind || !begins) return;
  const auto source = read_dns_name(payload, in), target = read_dns_name(payload, in);
  if (source && target) tell_announcement(browser_message(in.rest()), out);
}

}  // namespace wardline::identity
