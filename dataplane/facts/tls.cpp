// Records and handshake messages of TLS (RFC 8446, 5.1) and DTLS (RFC 6347, 4.1 and 4.2.2).
#include <algorithm>
#include <array>
#include <cstring>

#include "dataplane/facts/client_hello.h"
#include "dataplane/facts/readers.h"

namespace wardline::facts {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint8_t kHandshake = 22, kClientHello = 1, kServerHello = 2;
constexpr std::size_t kHeader = 4;  // of a handshake message
constexpr std::uint16_t kSupportedVersions = 43;

struct Message {
  std::uint8_t type = 0;
  bool cut = true;  // its end is not there
  Bytes body;
};

std::size_t u24(packet::Cursor& cursor) {
  const std::size_t high = cursor.u8();
  return high << 16 | cursor.u16();
}

// The first message in handshake bytes; `type` is 0 where not even its header is there.
Message first_message(Bytes handshake) {
  packet::Cursor cursor(handshake);
  const auto type = cursor.u8();
  const auto length = u24(cursor);
  if (cursor.failed()) return {};
  return {type, length > cursor.left(), cursor.rest().first(std::min(length, cursor.left()))};
}

// A fixed room in which a message that is split over records is put together.
class Joined {
 public:
  void add(Bytes fragment) {
    const auto taken = fragment.first(std::min(fragment.size(), bytes_.size() - used_));
    if (!taken.empty()) std::memcpy(bytes_.data() + used_, taken.data(), taken.size());
    used_ += taken.size();
  }
  Bytes bytes() const { return Bytes(bytes_).first(used_); }

 private:
  std::size_t used_ = 0;
  std::array<std::byte, kHeader + kMaxHello> bytes_;
};

// What there is of the next record's content, if it is a handshake record.
Bytes next_fragment(packet::Cursor& cursor) {
  const auto header = cursor.take<5>();
  const std::size_t length = header.u16<3>();
  if (cursor.failed() || header.u8<0>() != kHandshake || header.u8<1>() != 3) return {};
  return cursor.take(std::min(length, cursor.left()));
}

// Nearly always the first record holds the whole message, which is then read where it lies.
Message tls_message(Bytes bytes, Joined& joined) {
  packet::Cursor cursor(bytes);
  auto fragment = next_fragment(cursor);
  auto message = first_message(fragment);
  while (message.cut && cursor.left() > 0 && !fragment.empty() && joined.bytes().size() < kHeader + kMaxHello) {
    if (joined.bytes().empty()) joined.add(fragment);
    fragment = next_fragment(cursor);
    joined.add(fragment);
    message = first_message(joined.bytes());
  }
  return message;
}

// A message that is split over datagrams is read as far as its first fragment goes.
Message dtls_message(Bytes bytes) {
  packet::Cursor cursor(bytes);
  const auto record = cursor.take<13>();
  if (cursor.failed() || record.u8<0>() != kHandshake || record.u16<3>() != 0) return {};  // epoch 0 is in the clear
  const std::size_t content = record.u16<11>();
  const auto type = cursor.u8();
  const auto length = u24(cursor);
  cursor.skip(2);  // number of the message
  const auto offset = u24(cursor), fragment = u24(cursor);
  if (cursor.failed() || offset != 0 || fragment + 12 > content) return {};
  return {type, fragment < length || fragment > cursor.left(), cursor.rest().first(std::min(fragment, cursor.left()))};
}

// The version that the server chose: RFC 8446, 4.1.3 and 4.2.1.
void read_server_hello(const Message& message, FactSet& facts) {
  packet::Cursor cursor(message.body);
  auto version = cursor.u16();
  cursor.skip(32);           // random
  cursor.skip(cursor.u8());  // session
  cursor.skip(3);            // cipher, compression
  if (cursor.failed()) return;
  const std::size_t length = cursor.left() >= 2 ? cursor.u16() : 0;
  if (length > cursor.left()) return;  // what is not there may hold the version
  for_each_extension(cursor.rest().first(length), [&](std::uint16_t type, Bytes content) {
    if (type == kSupportedVersions && content.size() == 2) version = packet::Cursor(content).u16();
  });
  const auto text = version_text(version);
  if (!text.empty()) facts.add(Fact::kTlsVersion, text);
}

bool looks_like_dtls(Bytes bytes) {
  return bytes.size() > 1 && bytes[1] == std::byte{0xfe};
}

}  // namespace

void read_tls(Bytes bytes, bool from_client, FactSet& facts) {
  Joined joined;
  const bool dtls = looks_like_dtls(bytes);
  const auto message = dtls ? dtls_message(bytes) : tls_message(bytes, joined);
  if (from_client && message.type == kClientHello) {
    const auto hello = read_client_hello(message.body, message.cut, dtls ? HelloOver::kDtls : HelloOver::kTls);
    if (hello) add_client_hello(*hello, facts);
  } else if (!from_client && message.type == kServerHello) {
    read_server_hello(message, facts);
  }
}

}  // namespace wardline::facts
