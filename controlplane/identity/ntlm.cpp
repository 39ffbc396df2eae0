#include "controlplane/identity/ntlm.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "controlplane/identity/little_endian.h"
#include "controlplane/identity/utf16_text.h"

namespace wardline::identity {
namespace {

using packet::Cursor;

constexpr std::string_view kMark{"NTLMSSP\0", 8};
constexpr std::uint32_t kUnicode = 0x1, kVersion = 0x02000000;  // NEGOTIATE flags (2.2.2.5)

enum MessageType : std::uint32_t { kNegotiate = 1, kChallenge = 2, kAuthenticate = 3 };

// Length, room and offset from the message's first byte (2.2.1). A field that does not lie inside is empty.
Bytes field(Cursor& in, Bytes message) {
  const std::size_t length = little16(in);
  in.skip(2);
  const std::size_t offset = little32(in);
  if (offset > message.size() || length > message.size() - offset) return {};
  return message.subspan(offset, length);
}

std::string text_of(Bytes bytes, std::uint32_t flags) {
  return (flags & kUnicode) != 0 ? utf8_of_utf16(bytes, ByteOrder::kLittle) : std::string(as_text(bytes));
}

// VERSION (2.2.2.10). Build 0 is written by programs that only need the field to be there.
std::string version_of(Cursor& in, std::uint32_t flags) {
  const auto major = in.u8(), minor = in.u8();
  const auto build = little16(in);
  if (in.failed() || (flags & kVersion) == 0 || build == 0) return {};
  return fmt::format("Windows {}.{}.{}", major, minor, build);
}

// AV_PAIR (2.2.2.1): names that are known by DNS say more than those of NetBIOS.
void read_target_info(Bytes info, NtlmSpeaker& speaker) {
  enum Id : std::uint16_t { kEnd, kNetbiosComputer, kNetbiosDomain, kDnsComputer, kDnsDomain };
  constexpr int kMaxPairs = 32;
  Cursor in(info);
  for (int i = 0; i < kMaxPairs && in.left() > 0; ++i) {
    const auto id = little16(in);
    const auto value = in.take(little16(in));
    if (in.failed() || id == kEnd) return;
    auto text = utf8_of_utf16(value, ByteOrder::kLittle);
    if (text.empty()) continue;
    if (id == kDnsComputer || (id == kNetbiosComputer && speaker.hostname.empty()))
      speaker.hostname = std::move(text);
    else if (id == kDnsDomain || (id == kNetbiosDomain && speaker.domain.empty()))
      speaker.domain = std::move(text);
  }
}

NtlmSpeaker read_challenge(Cursor in, Bytes message) {
  const auto target = field(in, message);
  const auto flags = little32(in);
  in.skip(16);  // challenge, reserved
  const auto info = field(in, message);
  if (in.failed()) return {};
  NtlmSpeaker speaker;
  read_target_info(info, speaker);
  if (speaker.domain.empty()) speaker.domain = text_of(target, flags);
  speaker.os = version_of(in, flags);
  return speaker;
}

NtlmSpeaker read_authenticate(Cursor in, Bytes message) {
  in.skip(32);  // both responses, the domain and the name of the user
  const auto workstation = field(in, message);
  in.skip(8);  // session key
  const auto flags = little32(in);
  if (in.failed()) return {};
  return {.hostname = text_of(workstation, flags), .domain = {}, .os = version_of(in, flags)};
}

NtlmSpeaker read_negotiate(Cursor in) {
  const auto flags = little32(in);
  in.skip(16);  // domain and work station, which no client fills in that speaks version 2
  return {.hostname = {}, .domain = {}, .os = version_of(in, flags)};
}

}  // namespace

NtlmSpeaker read_ntlm(Bytes token) {
  const auto at = as_text(token).find(kMark);
  if (at == std::string_view::npos) return {};
  const auto message = token.subspan(at);
  Cursor in(message.subspan(kMark.size()));
  switch (little32(in)) {
    case kNegotiate:
      return read_negotiate(in);
    case kChallenge:
      return read_challenge(in, message);
    case kAuthenticate:
      return read_authenticate(in, message);
    default:
      return {};
  }
}

}  // namespace wardline::identity
