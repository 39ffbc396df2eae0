#include "perf/generator/workload_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace wardline::perf {
namespace {

constexpr std::size_t kLongest = 1536;

bool fits(const FrameEntry& frame, std::size_t file_size) {
  const auto lies_within = [&](std::uint16_t offset, std::size_t size) {
    return offset == 0 || offset + size <= frame.length;
  };
  const std::size_t ip_header = (frame.flags & kIpv6) != 0 ? 40 : 20;
  return frame.length >= 14 && frame.length <= kLongest && frame.offset <= file_size - frame.length &&
         lies_within(frame.ip, ip_header) && lies_within(frame.checksum, 2) && lies_within(frame.client_port, 2);
}

}  // namespace

std::expected<std::shared_ptr<const WorkloadFile>, std::string> WorkloadFile::open(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::unexpected("the workload " + path + " cannot be opened: " + std::strerror(errno));
  struct stat about {};
  const bool known = fstat(file, &about) == 0;
  const auto size = static_cast<std::size_t>(known ? about.st_size : 0);
  void* at = MAP_FAILED;
  if (size >= sizeof(FileHeader)) at = mmap(nullptr, size, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0);
  close(file);
  if (at == MAP_FAILED) return std::unexpected("the workload " + path + " cannot be mapped, or is too short");
  std::shared_ptr<const WorkloadFile> made(new WorkloadFile({static_cast<const std::byte*>(at), size}));
  if (auto fault = made->fault(); !fault.empty())
    return std::unexpected("the workload " + path + " " + fault + "; make it anew with perf/generator/make_workload");
  return made;
}

WorkloadFile::~WorkloadFile() {
  munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

std::string WorkloadFile::fault() const {
  if (header().magic != kFileMagic) return "is no workload file";
  if (header().version != kFileVersion)
    return "has version " + std::to_string(header().version) + ", and " + std::to_string(kFileVersion) + " is wanted";
  if (header().rewrite > static_cast<std::uint64_t>(Rewrite::kAddresses)) return "names no known rewriting";
  if (header().frames == 0 || header().frames > (bytes_.size() - sizeof(FileHeader)) / sizeof(FrameEntry))
    return "has no frames, or ends among their entries";
  for (const auto& frame : frames())
    if (!fits(frame, bytes_.size())) return "has a frame that does not lie within it";
  return {};
}

}  // namespace wardline::perf
