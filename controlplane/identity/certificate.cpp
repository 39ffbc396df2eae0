#include "controlplane/identity/certificate.h"

#include <algorithm>
#include <cstdint>

#include "dataplane/packet/cursor.h"

namespace wardline::identity {
namespace {

using packet::Cursor;

enum Tag : std::uint8_t {
  kObjectIdentifier = 0x06,
  kUtf8 = 0x0c,
  kPrintable = 0x13,
  kTeletex = 0x14,
  kIa5 = 0x16,
  kSequence = 0x30,
  kSet = 0x31,
  kVersion = 0xa0,
};
constexpr int kMaxAttributes = 32;
constexpr std::string_view kCommonName = "\x55\x04\x03", kOrganisation = "\x55\x04\x0a";  // 2.5.4.3, 2.5.4.10

struct Element {
  std::uint8_t tag = 0;
  Bytes value;
};

// A length in DER (X.690, 8.1.3): one byte, or up to three behind their count.
std::size_t length_of(Cursor& in) {
  const auto first = in.u8();
  if (first < 0x80) return first;
  const int count = first & 0x7f;
  if (count == 0 || count > 3) {
    in.skip(in.left() + 1);  // without end, or longer than a handshake message can be
    return 0;
  }
  std::size_t length = 0;
  for (int i = 0; i < count; ++i) length = length << 8 | in.u8();
  return length;
}

Element next(Cursor& in) {
  const auto tag = in.u8();
  return {tag, in.take(length_of(in))};
}

// Steps into an element whose end need not be there.
bool enter(Cursor& in, std::uint8_t tag) {
  if (in.u8() != tag) return false;
  const auto length = length_of(in);
  if (in.failed()) return false;
  in.limit(std::min(length, in.left()));
  return true;
}

bool is_text(std::uint8_t tag) {
  return tag == kUtf8 || tag == kPrintable || tag == kTeletex || tag == kIa5;
}

// The first value of an attribute of a Name: a sequence of sets of pairs.
std::string_view attribute_of(Bytes name, std::string_view wanted) {
  Cursor in(name);
  for (int i = 0; i < kMaxAttributes && in.left() > 0; ++i) {
    const auto set = next(in);
    Cursor pairs(set.value);
    const auto pair = next(pairs);
    Cursor parts(pair.value);
    const auto type = next(parts), value = next(parts);
    if (in.failed() || pairs.failed() || parts.failed() || set.tag != kSet || pair.tag != kSequence) return {};
    if (type.tag == kObjectIdentifier && as_text(type.value) == wanted && is_text(value.tag))
      return as_text(value.value);
  }
  return {};
}

}  // namespace

CertificateNames read_certificate(Bytes der) {
  Cursor in(der);
  if (!enter(in, kSequence) || !enter(in, kSequence)) return {};
  if (in.left() > 0 && std::to_integer<std::uint8_t>(in.rest()[0]) == kVersion) next(in);
  next(in), next(in);  // serial number, algorithm
  const auto issuer = next(in);
  next(in);  // validity
  const auto subject = next(in);
  if (in.failed() || issuer.tag != kSequence || subject.tag != kSequence) return {};
  return {.subject = attribute_of(subject.value, kCommonName),
          .subject_organisation = attribute_of(subject.value, kOrganisation),
          .issuer_organisation = attribute_of(issuer.value, kOrganisation)};
}

}  // namespace wardline::identity
