#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// Blocks of a pcapng file (draft-ietf-opsawg-pcapng), little endian: libpcap writes no comments and no directions.
namespace wardline::capture {

// The first block of a file.
std::string section_header(std::string_view application);

// An Ethernet interface, numbered from 0 in the order of the blocks.
std::string interface_description(std::string_view name, std::uint32_t snap);

struct CommentedPacket {
  std::uint32_t interface = 0;
  std::uint64_t time = 0;         // microseconds since 1970
  std::uint32_t wire_length = 0;  // of which `bytes` is the beginning
  bool outbound = false;          // it left by the interface; else it came in
  std::span<const std::byte> bytes;
  std::string_view comment;  // UTF-8
};
std::string enhanced_packet(const CommentedPacket& packet);

}  // namespace wardline::capture
