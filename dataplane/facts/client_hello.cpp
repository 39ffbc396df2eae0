#include "dataplane/facts/client_hello.h"

#include <algorithm>

#include "dataplane/facts/wire_text.h"

namespace wardline::facts {
namespace {

using Bytes = std::span<const std::byte>;

// Numbers of extensions (IANA, "TLS ExtensionType Values").
enum Extension : std::uint16_t {
  kServerName = 0,
  kSupportedGroups = 10,
  kPointFormats = 11,
  kSignatureAlgorithms = 13,
  kAlpn = 16,
  kSupportedVersions = 43,
};

// A vector with its length before it, of one byte or two.
Bytes short_vector(packet::Cursor& cursor) {
  return cursor.take(cursor.u8());
}
Bytes long_vector(packet::Cursor& cursor) {
  return cursor.take(cursor.u16());
}

// The first host name of a ServerNameList (RFC 6066, 3).
Bytes server_name_of(Bytes content) {
  packet::Cursor cursor(content), list(long_vector(cursor));
  const bool host_name = list.u8() == 0;
  const auto name = long_vector(list);
  return host_name ? name : Bytes();
}

void read_extension(ClientHello& hello, std::uint16_t type, Bytes content) {
  packet::Cursor cursor(content);
  switch (type) {
    case kServerName:
      if (!hello.has_server_name) hello.server_name = server_name_of(content);
      hello.has_server_name = true;
      return;
    case kSupportedGroups:
      hello.groups = long_vector(cursor);
      return;
    case kPointFormats:
      hello.point_formats = short_vector(cursor);
      return;
    case kSignatureAlgorithms:
      hello.signature_algorithms = long_vector(cursor);
      return;
    case kAlpn: {
      packet::Cursor list(long_vector(cursor));
      hello.first_alpn = short_vector(list);
      return;
    }
    case kSupportedVersions:
      hello.versions = short_vector(cursor);
      return;
    default:
      return;
  }
}

// Later versions of DTLS have lower numbers.
bool newer(std::uint16_t one, std::uint16_t other, HelloOver over) {
  return over == HelloOver::kDtls ? one < other : one > other;
}

bool lists_are_short(const ClientHello& hello) {
  std::size_t extensions = 0;
  for_each_extension(hello.extensions, [&](std::uint16_t, Bytes) { ++extensions; });
  return extensions <= kMaxListed &&
         std::max({hello.ciphers.size(), hello.groups.size(), hello.signature_algorithms.size(),
                   hello.versions.size()}) <= 2 * kMaxListed;
}

// The newest version that is offered and known; 0 for none, or where the part that tells it is not there.
std::uint16_t offered_version(const ClientHello& hello) {
  if (hello.versions.empty()) return hello.whole ? hello.version : 0;
  std::uint16_t newest = 0;
  for_each_number(hello.versions, [&](std::uint16_t version) {
    if (!version_text(version).empty() && (newest == 0 || newer(version, newest, hello.over))) newest = version;
  });
  return newest;
}

}  // namespace

std::string_view version_text(std::uint16_t version) {
  switch (version) {
    case 0x0300:
      return "ssl3";
    case 0x0301:
    case 0xfeff:
      return "1.0";
    case 0x0302:
      return "1.1";
    case 0x0303:
    case 0xfefd:
      return "1.2";
    case 0x0304:
    case 0xfefc:
      return "1.3";
    default:
      return {};
  }
}

std::optional<ClientHello> read_client_hello(Bytes body, bool cut, HelloOver over) {
  cut = cut || body.size() > kMaxHello;
  packet::Cursor cursor(body.first(std::min(body.size(), kMaxHello)));
  ClientHello hello;
  hello.over = over;
  hello.version = cursor.u16();
  cursor.skip(32);                                     // random
  short_vector(cursor);                                // session
  if (over == HelloOver::kDtls) short_vector(cursor);  // cookie
  hello.ciphers = long_vector(cursor);
  short_vector(cursor);  // compression
  if (cursor.failed()) return std::nullopt;
  if (cursor.left() == 0) {  // no extensions, as TLS 1.0 may have it
    hello.whole = !cut && lists_are_short(hello);
    return hello;
  }
  const std::size_t length = cursor.u16();
  const auto extensions = cursor.rest().first(std::min(length, cursor.left()));
  const auto read =
      for_each_extension(extensions, [&](std::uint16_t type, Bytes content) { read_extension(hello, type, content); });
  hello.extensions = extensions.first(read);
  hello.whole = !cut && !cursor.failed() && length == cursor.left() && read == length && lists_are_short(hello);
  return hello;
}

void add_client_hello(const ClientHello& hello, FactSet& facts) {
  const auto name = host_name(text_of(hello.server_name));
  if (!name.empty()) facts.add(Fact::kTlsSni, name.view());
  const auto version = version_text(offered_version(hello));
  if (!version.empty()) facts.add(Fact::kTlsVersion, version);
  if (!hello.first_alpn.empty()) facts.add(Fact::kTlsAlpn, text_of(hello.first_alpn));
  if (!hello.whole) return;
  const auto ja3 = ja3_of(hello);
  facts.add(Fact::kTlsJa3, {ja3.data(), ja3.size()});
  const auto ja4 = ja4_of(hello);
  facts.add(Fact::kTlsJa4, {ja4.data(), ja4.size()});
}

}  // namespace wardline::facts
