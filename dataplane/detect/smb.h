#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace wardline::detect {

// What matters of the SMB messages of one payload (MS-SMB2 2.2.1, MS-CIFS 2.2.3.1), where it is not encrypted.
struct SmbSigns {
  std::uint32_t changes = 0;     // files that a request renames, deletes or begins to write
  std::uint32_t bad_logins = 0;  // answers STATUS_LOGON_FAILURE
};
SmbSigns read_smb(std::span<const std::byte> payload);

}  // namespace wardline::detect
