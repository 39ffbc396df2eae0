#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "dataplane/enforce/device_slots.h"

namespace wardline::enforce {

// A name that has a number: its place in the registry + 1. Complete once `hash` is not 0; never taken out again.
struct RegisteredName {
  std::atomic<std::uint64_t> hash;
  char text[56];  // the beginning of the name, for people
};

// The memory of all slots that outlives the process: one mapped file, or anonymous memory when the path is empty.
//
// Owner: DeviceSlots. The file is locked while it is open, so two daemons never share it, and its room is reserved at
// start, since a full tmpfs would otherwise kill a worker in the middle of a store.
// Safe against kill -9: what makes an entry count (magic, `used`, `hash`) is stored last, so an entry that was being
// written does not exist for the next process.
class SlotRegion {
 public:
  static Result<std::unique_ptr<SlotRegion>> open(const std::string& path, std::uint32_t capacity);
  ~SlotRegion();
  SlotRegion(const SlotRegion&) = delete;
  SlotRegion& operator=(const SlotRegion&) = delete;

  std::span<std::atomic<std::uint64_t>> words() const;
  std::span<SlotIdentity> identities() const;
  std::span<RegisteredName> class_names() const;
  std::span<RegisteredName> segment_names() const;

 private:
  SlotRegion() = default;
  Result<void> map_file(const std::string& path, std::size_t size);
  Result<void> map_anonymous(std::size_t size);
  Result<void> take_over(const std::string& path);
  void begin();
  void drop_unusable();

  struct Header;
  Header* header_ = nullptr;
  std::size_t size_ = 0;
  std::uint32_t capacity_ = 0;
  int file_ = -1;
};

// The number of `name` in a registry, given out if it is new; 0 when the registry is full.
std::uint32_t number_of(std::span<RegisteredName> registry, std::string_view name);

}  // namespace wardline::enforce
