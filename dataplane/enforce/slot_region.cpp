#include "dataplane/enforce/slot_region.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <type_traits>

namespace wardline::enforce {

// The layout. A change here needs another kLayout: files of the former one are refused, not misread.
struct SlotRegion::Header {
  std::atomic<std::uint64_t> magic;
  std::uint32_t layout;
  std::uint32_t capacity;  // real slots
  char rest[48];
};

namespace {

constexpr std::uint64_t kMagic = 0x31746f6c53445257;  // "WRDSlot1"
constexpr std::uint32_t kLayout = 1;
constexpr std::size_t kHeaderSize = 64;
constexpr std::size_t kClassNames = kMaxClasses - 1;     // numbers 1 to 4094
constexpr std::size_t kSegmentNames = kMaxSegments - 1;  // numbers 1 to 4095

static_assert(sizeof(RegisteredName) == 64 && sizeof(SlotIdentity) == 88, "a change needs another kLayout");
static_assert(std::is_trivially_copyable_v<SlotIdentity> && std::atomic<std::uint64_t>::is_always_lock_free);

constexpr std::size_t kClassesAt = kHeaderSize;
constexpr std::size_t kSegmentsAt = kClassesAt + kClassNames * sizeof(RegisteredName);
constexpr std::size_t kWordsAt = kSegmentsAt + kSegmentNames * sizeof(RegisteredName);

std::size_t slot_count(std::uint32_t capacity) {
  return std::size_t{DeviceSlots::kFirstReal} + capacity;
}
std::size_t identities_at(std::uint32_t capacity) {
  return kWordsAt + slot_count(capacity) * sizeof(std::uint64_t);
}
std::size_t region_size(std::uint32_t capacity) {
  return identities_at(capacity) + slot_count(capacity) * sizeof(SlotIdentity);
}

std::string reason_of(int code) {
  return std::strerror(code);
}

constexpr const char* kRemoveIt =
    "; remove the file (quarantines are then restored from the store) or start the version that wrote it";

}  // namespace

Result<std::unique_ptr<SlotRegion>> SlotRegion::open(const std::string& path, std::uint32_t capacity) {
  if (capacity == 0 || capacity >= kNoSlot - DeviceSlots::kFirstReal)
    return fail("slots.capacity", path,
                "room for " + std::to_string(capacity) + " devices was asked for; 1 to 16000000 can be had");
  std::unique_ptr<SlotRegion> region(new SlotRegion);
  region->capacity_ = capacity;
  const auto size = region_size(capacity);
  const auto mapped = path.empty() ? region->map_anonymous(size) : region->map_file(path, size);
  if (!mapped) return std::unexpected(mapped.error());
  if (region->header_->magic.load(std::memory_order_acquire) == 0) {
    region->begin();
  } else if (const auto taken = region->take_over(path); !taken) {
    return std::unexpected(taken.error());
  }
  return region;
}

SlotRegion::~SlotRegion() {
  if (header_ != nullptr) ::munmap(header_, size_);
  if (file_ >= 0) ::close(file_);  // gives up the lock
}

Result<void> SlotRegion::map_anonymous(std::size_t size) {
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return fail("slots.memory", "", "no memory for " + std::to_string(size) + " bytes of slots: " + reason_of(errno));
  header_ = static_cast<Header*>(memory);
  size_ = size;
  return {};
}

Result<void> SlotRegion::map_file(const std::string& path, std::size_t size) {
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file_ < 0) return fail("slots.open", path, "the file of the device slots cannot be opened: " + reason_of(errno));
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0)
    return fail("slots.in-use", path, "another process holds the device slots; stop it first");
  struct stat found {};
  if (::fstat(file_, &found) != 0 || !S_ISREG(found.st_mode))
    return fail("slots.open", path, "the device slots need a regular file, best on a tmpfs");
  const auto there = static_cast<std::size_t>(found.st_size);
  if (there != 0 && there != size)
    return fail("slots.layout", path,
                "the file has " + std::to_string(there) + " bytes, and " + std::to_string(size) + " are expected for " +
                    std::to_string(capacity_) + " devices" + kRemoveIt);
  if (const int code = ::posix_fallocate(file_, 0, static_cast<off_t>(size)); code != 0)
    return fail("slots.memory", path, "no room for " + std::to_string(size) + " bytes: " + reason_of(code));
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file_, 0);
  if (memory == MAP_FAILED) return fail("slots.memory", path, "the file cannot be mapped: " + reason_of(errno));
  header_ = static_cast<Header*>(memory);
  size_ = size;
  return {};
}

void SlotRegion::begin() {
  for (SlotId slot = 0; slot < DeviceSlots::kFirstReal; ++slot)
    identities()[slot].segment = static_cast<SegmentId>(slot);  // pseudo-slot s stands for segment s
  header_->layout = kLayout;
  header_->capacity = capacity_;
  header_->magic.store(kMagic, std::memory_order_release);
}

Result<void> SlotRegion::take_over(const std::string& path) {
  if (header_->magic.load(std::memory_order_relaxed) != kMagic)
    return fail("slots.layout", path, std::string("this is no file of device slots") + kRemoveIt);
  if (header_->layout != kLayout || header_->capacity != capacity_)
    return fail("slots.layout", path,
                "layout " + std::to_string(header_->layout) + " for " + std::to_string(header_->capacity) +
                    " devices was found, and layout " + std::to_string(kLayout) + " for " + std::to_string(capacity_) +
                    " is expected" + kRemoveIt);
  drop_unusable();
  return {};
}

// A file may have been damaged by hand. What cannot be an identity is let go rather than believed.
void SlotRegion::drop_unusable() {
  for (auto& identity : identities().subspan(DeviceSlots::kFirstReal)) {
    const bool ended = std::ranges::find(identity.device_id, '\0') != std::ranges::end(identity.device_id);
    if (!ended || identity.segment >= kMaxSegments) identity.used = false;
  }
}

std::span<RegisteredName> SlotRegion::class_names() const {
  return {reinterpret_cast<RegisteredName*>(reinterpret_cast<std::byte*>(header_) + kClassesAt), kClassNames};
}

std::span<RegisteredName> SlotRegion::segment_names() const {
  return {reinterpret_cast<RegisteredName*>(reinterpret_cast<std::byte*>(header_) + kSegmentsAt), kSegmentNames};
}

std::span<std::atomic<std::uint64_t>> SlotRegion::words() const {
  auto* at = reinterpret_cast<std::byte*>(header_) + kWordsAt;
  return {reinterpret_cast<std::atomic<std::uint64_t>*>(at), slot_count(capacity_)};
}

std::span<SlotIdentity> SlotRegion::identities() const {
  auto* at = reinterpret_cast<std::byte*>(header_) + identities_at(capacity_);
  return {reinterpret_cast<SlotIdentity*>(at), slot_count(capacity_)};
}

std::uint32_t number_of(std::span<RegisteredName> registry, std::string_view name) {
  const auto hash = std::max<std::uint64_t>(name_hash(name), 1);
  for (std::size_t place = 0; place < registry.size(); ++place) {
    auto& entry = registry[place];
    const auto seen = entry.hash.load(std::memory_order_acquire);
    if (seen == 0) {
      std::memset(entry.text, 0, sizeof entry.text);
      std::memcpy(entry.text, name.data(), std::min(name.size(), sizeof entry.text - 1));
      entry.hash.store(hash, std::memory_order_release);
    } else if (seen != hash || name.substr(0, sizeof entry.text - 1) != entry.text) {
      continue;
    }
    return static_cast<std::uint32_t>(place + 1);
  }
  return 0;
}

}  // namespace wardline::enforce
