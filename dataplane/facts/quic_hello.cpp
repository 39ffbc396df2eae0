#include "dataplane/facts/quic_hello.h"

#include <algorithm>

#include "dataplane/facts/quic_packet.h"
#include "dataplane/facts/readers.h"

namespace wardline::facts {
namespace {

constexpr std::size_t kMaxPackets = 4;  // of one datagram that are opened
constexpr std::size_t kMaxFrames = 512, kMaxAckRanges = 256;
constexpr std::uint8_t kClientHello = 1;

enum FrameType : std::uint8_t { kPadding = 0, kPing = 1, kAck = 2, kAckEcn = 3, kCrypto = 6 };

// RFC 9000, 19.3.
void skip_ack(packet::Cursor& cursor, bool ecn) {
  quic_number(cursor);  // largest acknowledged
  quic_number(cursor);  // delay
  const auto ranges = std::min<std::uint64_t>(quic_number(cursor), kMaxAckRanges);
  const std::size_t numbers = 1 + 2 * ranges + (ecn ? 3 : 0);
  for (std::size_t i = 0; i < numbers && !cursor.failed(); ++i) quic_number(cursor);
}

void skip_padding(packet::Cursor& cursor) {
  const auto rest = cursor.rest();
  const auto end = std::ranges::find_if(rest, [](std::byte byte) { return byte != std::byte{kPadding}; });
  cursor.skip(static_cast<std::size_t>(end - rest.begin()));
}

}  // namespace

bool QuicHello::take(std::span<const std::byte> datagram) {
  if (datagram.size() > kMaxInitial) return false;
  packet::Cursor cursor(datagram);
  LongPacket packet;
  bool brought = false;
  for (std::size_t i = 0; i < kMaxPackets && next_long_packet(cursor, packet); ++i) {
    OpenedInitial opened;
    if (opened.open(packet)) brought = take_frames(opened.frames()) || brought;
  }
  return brought;
}

// Frames of other kinds than these do not stand before a hello; what comes after one is not read.
bool QuicHello::take_frames(std::span<const std::byte> frames) {
  packet::Cursor cursor(frames);
  bool brought = false;
  for (std::size_t i = 0; i < kMaxFrames && cursor.left() > 0; ++i) {
    const auto type = cursor.u8();
    if (type == kPadding) {
      skip_padding(cursor);
    } else if (type == kAck || type == kAckEcn) {
      skip_ack(cursor, type == kAckEcn);
    } else if (type == kCrypto) {
      const auto offset = quic_number(cursor);
      const auto data = cursor.take(quic_number(cursor));
      if (cursor.failed()) break;
      brought = take_crypto(offset, data) || brought;
    } else if (type != kPing) {
      break;
    }
  }
  return brought;
}

// What is here already stays: a receiver may take either of two that differ, and a sender of such is a forger.
bool QuicHello::take_crypto(std::uint64_t offset, std::span<const std::byte> data) {
  if (offset >= kRoom) return false;
  const auto end = std::min<std::size_t>(offset + data.size(), kRoom);
  bool brought = false;
  for (std::size_t at = offset; at < end; ++at) {
    if (here_[at]) continue;
    here_[at] = brought = true;
    bytes_[at] = data[at - offset];
  }
  while (in_order_ < kRoom && here_[in_order_]) ++in_order_;
  return brought;
}

std::size_t QuicHello::length() const {
  packet::Cursor cursor(in_order());
  const std::size_t type_and_length = cursor.u32();
  return cursor.failed() ? 0 : kHeader + (type_and_length & 0xffffff);
}

bool QuicHello::complete() const {
  return in_order_ == kRoom || (in_order_ >= kHeader && in_order_ >= length());
}

void QuicHello::add_facts(FactSet& facts) const {
  packet::Cursor cursor(in_order());
  if (cursor.u8() != kClientHello) return;
  cursor.skip(kHeader - 1);
  if (cursor.failed()) return;
  const auto whole = length() - kHeader;
  const auto hello =
      read_client_hello(cursor.rest().first(std::min(whole, cursor.left())), whole > cursor.left(), HelloOver::kQuic);
  if (hello) add_client_hello(*hello, facts);
}

void read_quic(std::span<const std::byte> bytes, bool from_client, FactSet& facts) {
  if (!from_client) return;
  QuicHello hello;
  if (hello.take(bytes)) hello.add_facts(facts);
}

}  // namespace wardline::facts
