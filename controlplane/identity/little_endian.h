#pragma once
#include <bit>
#include <cstdint>

#include "dataplane/packet/cursor.h"

// Fields of protocols that were born on little-endian machines (SMB, NTLM, RDP, EtherNet/IP, DICOM).
namespace wardline::identity {

inline std::uint16_t little16(packet::Cursor& in) {
  return std::byteswap(in.u16());
}
inline std::uint32_t little32(packet::Cursor& in) {
  return std::byteswap(in.u32());
}

}  // namespace wardline::identity
