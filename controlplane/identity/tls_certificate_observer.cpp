#include <algorithm>
#include <cstdint>
#include <vector>

#include "controlplane/identity/certificate.h"
#include "controlplane/identity/observers.h"
#include "dataplane/packet/cursor.h"

namespace wardline::identity {
namespace {

using packet::Cursor;

// What there is of the handshake messages in the records of a stream (RFC 5246, 6.2.1), up to the first record of
// another kind: behind it all is sealed.
std::vector<std::byte> handshake_of(Bytes stream) {
  constexpr std::uint8_t kHandshake = 22, kMajor = 3;
  std::vector<std::byte> joined;
  Cursor in(stream);
  while (in.left() > 0) {
    const auto header = in.take<5>();
    if (in.failed() || header.u8<0>() != kHandshake || header.u8<1>() != kMajor) break;
    const auto content = in.take(std::min<std::size_t>(header.u16<3>(), in.left()));
    joined.insert(joined.end(), content.begin(), content.end());
  }
  return joined;
}

// Bytes behind three of length, as far as they are there.
Bytes take24(Cursor& in) {
  const std::size_t high = in.u8();
  const std::size_t length = high << 16 | in.u16();
  return in.take(std::min(length, in.left()));
}

}  // namespace

// A server's Certificate message up to TLS 1.2 (RFC 5246, 7.4.2), of which the first certificate is its own. Never a
// client's: that one may name a person.
void observe_tls_certificate(Bytes payload, const Speech& speech, Observations& out) {
  constexpr std::uint8_t kCertificate = 11;
  constexpr int kMaxMessages = 4;
  if (speech.by_client) return;
  const auto handshake = handshake_of(payload);
  Cursor in(handshake);
  for (int i = 0; i < kMaxMessages && in.left() > 0; ++i) {
    const auto type = in.u8();
    Cursor body(take24(in));
    if (type != kCertificate) continue;
    Cursor list(take24(body));
    const auto names = read_certificate(take24(list));
    tell(out, "tls", "tls.subject", names.subject);
    tell(out, "tls", "tls.subject_organisation", names.subject_organisation);
    tell(out, "tls", "tls.issuer_organisation", names.issuer_organisation);
    return;
  }
}

}  // namespace wardline::identity
