#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>

namespace wardline::perf {

// A workload made beforehand by make_workload, mapped read-only. Little endian:
//   FileHeader, one FrameEntry for each frame in the order of replay, then the frames, each at a multiple of 64 bytes.
// make_workload writes the same layout; a change there or here is a new version.
inline constexpr std::uint64_t kFileMagic = 0x314c'574e'4547'4c57;  // "WLGENWL1" on disk
inline constexpr std::uint64_t kFileVersion = 1;

// What makes each pass new conversations.
enum class Rewrite : std::uint64_t {
  kPorts = 0,      // the client's port goes on by the number of its sessions
  kAddresses = 1,  // 16 bits of each unicast address are changed by the number of the pass
};

struct FileHeader {
  std::uint64_t magic, version;
  std::uint64_t rewrite;
  std::uint64_t frames, sessions;
  std::uint64_t bytes;        // of all frames
  std::uint64_t data_offset;  // of the first frame
  std::uint64_t spare[9];
};
static_assert(sizeof(FileHeader) == 128);

enum FrameFlags : std::uint8_t {
  kCoreLeg = 1,
  kEndsSession = 2,
  kIpv6 = 4,
  kZeroIsNone = 8,  // a checksum of zero says that there is none (UDP over IPv4)
};

// Offsets count from the frame's first byte; 0: there is none, or it is left alone.
struct FrameEntry {
  std::uint64_t offset;  // in the file
  std::uint32_t device;  // number, for the share of a queue
  std::uint16_t length;
  std::uint16_t ip;           // of the IP header
  std::uint16_t checksum;     // of the transport checksum
  std::uint16_t client_port;  // of the client's port
  std::uint16_t port_step;    // sessions of this client in one pass
  std::uint8_t flags;
  std::uint8_t spare;
};
static_assert(sizeof(FrameEntry) == 24);

class WorkloadFile {
 public:
  // Every offset of every frame was looked at when this returns.
  static std::expected<std::shared_ptr<const WorkloadFile>, std::string> open(const std::string& path);
  ~WorkloadFile();
  WorkloadFile(const WorkloadFile&) = delete;
  WorkloadFile& operator=(const WorkloadFile&) = delete;

  const FileHeader& header() const { return *reinterpret_cast<const FileHeader*>(bytes_.data()); }
  std::span<const FrameEntry> frames() const {
    return {reinterpret_cast<const FrameEntry*>(bytes_.data() + sizeof(FileHeader)), header().frames};
  }
  const std::byte* bytes_of(const FrameEntry& frame) const { return bytes_.data() + frame.offset; }

 private:
  explicit WorkloadFile(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::string fault() const;
  std::span<const std::byte> bytes_;
};

}  // namespace wardline::perf
