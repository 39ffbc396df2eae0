#include "dataplane/detect/smb.h"

#include <algorithm>

#include "dataplane/packet/cursor.h"

namespace wardline::detect {

namespace {

constexpr std::uint32_t kSmb1 = 0xff534d42, kSmb2 = 0xfe534d42, kLogonFailure = 0xc000006d;

std::uint32_t little(std::uint32_t network_order) {
  return std::byteswap(network_order);
}

// Requests of SMB1 that change a file, `request` behind the header ([MS-CIFS] 2.2.4): of the two that write, those at
// the front of a file, since a file of many pieces is still one. An image of 100 MB is no thousand files.
bool changes_smb1(std::uint8_t command, packet::Cursor request) {
  constexpr std::uint8_t kDelete = 0x06, kRename = 0x07, kWrite = 0x0b, kWriteAndX = 0x2f, kNtRename = 0xa5;
  if (command == kDelete || command == kRename || command == kNtRename) return true;
  if (command != kWrite && command != kWriteAndX) return false;
  request.skip(command == kWrite ? 5 : 7);  // count of words, AndX block, file, number of bytes
  return request.u32() == 0 && !request.failed();
}

// The same of SMB2 ([MS-SMB2] 2.2.21, 2.2.39).
bool changes_smb2(std::uint16_t command, packet::Cursor request) {
  constexpr std::uint16_t kWrite = 9, kSetInfo = 17;
  constexpr std::uint8_t kFile = 1, kRename = 10, kDisposition = 13;
  if (command == kWrite) {
    const auto head = request.take<16>();  // size, place of the data, length, offset in the file
    return !request.failed() && head.u32<8>() == 0 && head.u32<12>() == 0;
  }
  if (command != kSetInfo) return false;
  const auto head = request.take<4>();
  const auto what = head.u8<3>();
  return !request.failed() && head.u8<2>() == kFile && (what == kRename || what == kDisposition);
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
      if (!answer && changes_smb1(command, cursor)) ++signs.changes;
      return;
    }
    if (magic != kSmb2) return;
    const auto header = cursor.take<60>();  // offsets of the picture less 4
    if (cursor.failed()) return;
    const auto command = std::byteswap(header.u16<8>());
    const bool answer = (header.u8<12>() & 1) != 0;
    const auto next = little(header.u32<16>());
    if (answer && little(header.u32<4>()) == kLogonFailure) ++signs.bad_logins;
    if (!answer && changes_smb2(command, cursor)) ++signs.changes;
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
