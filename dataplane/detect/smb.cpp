#include "dataplane/detect/smb.h"

#include <algorithm>

#include "dataplane/packet/cursor.h"

namespace wardline::detect {

namespace {

constexpr std::uint32_t kSmb1 = 0xff534d42, kSmb2 = 0xfe534d42, kLogonFailure = 0xc000006d;

std::uint32_t little(std::uint32_t network_order) {
  return std::byteswap(network_order);
}

// One message, without the four bytes of its transport. Compounded requests of SMB2 follow by NextCommand.
void read_message(std::span<const std::byte> message, SmbSigns& signs) {
  constexpr int kMostCompounded = 8;
  for (int i = 0; i < kMostCompounded; ++i) {
    packet::Cursor cursor(message);
    const auto magic = cursor.u32();
    if (magic == kSmb1) {
      const auto header = cursor.take<28>();  // after the magic: command, status 4, flags, flags2 ...
      if (cursor.failed()) return;
      const auto command = header.u8<0>();
      const bool answer = (header.u8<5>() & 0x80) != 0;
      if (answer && little(header.u32<1>()) == kLogonFailure) ++signs.bad_logins;
      // WRITE_ANDX, WRITE, RENAME, NT_RENAME, DELETE
      if (!answer && (command == 0x2f || command == 0x0b || command == 0x07 || command == 0xa5 || command == 0x06))
        ++signs.changes;
      return;
    }
    if (magic != kSmb2) return;
    const auto header = cursor.take<60>();  // offsets of the picture less 4
    if (cursor.failed()) return;
    const auto command = std::byteswap(header.u16<8>());
    const bool answer = (header.u8<12>() & 1) != 0;
    const auto next = little(header.u32<16>());
    if (answer && little(header.u32<4>()) == kLogonFailure) ++signs.bad_logins;
    if (!answer && command == 9) ++signs.changes;  // WRITE
    if (!answer && command == 17) {                // SET_INFO of a file: its name or its end
      const auto request = cursor.take<4>();
      const auto what = request.u8<3>();
      if (!cursor.failed() && request.u8<2>() == 1 && (what == 10 || what == 13)) ++signs.changes;
    }
    if (next < 64 || next >= message.size()) return;
    message = message.subspan(next);
  }
}

}  // namespace

SmbSigns read_smb(std::span<const std::byte> payload) {
  constexpr int kMostMessages = 16;
  SmbSigns signs;
  packet::Cursor cursor(payload);
  for (int i = 0; i < kMostMessages && cursor.left() >= 8; ++i) {
    const auto transport = cursor.u32();  // type 0 and 24 bits of length
    if (transport >> 24 != 0) break;
    const std::size_t length = std::min<std::size_t>(transport & 0xffffff, cursor.left());
    read_message(cursor.take(length), signs);
  }
  return signs;
}

}  // namespace wardline::detect
