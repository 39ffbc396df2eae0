#pragma once
#include <chrono>
#include <cstdint>

namespace wardline::inventory {

struct StoreOptions {
  bool check_records = true;  // at open; false: whoever opens it calls check_records() beside its work
  bool read_only = false;     // for the command line beside a living daemon; nothing is set aside
  std::uint64_t records_per_type =
      200'000;  // the oldest beyond go; by type, so that a scan's flows push out no quarantine
  // Of one device the least recently seen go; of all, those of the devices that have most. One takes about 100 bytes.
  std::uint64_t conversations_per_device = 1'000, conversations = 2'000'000;
  std::uint64_t changes_per_device = 1'000, changes = 1'000'000;  // of the history; the oldest beyond go
  std::chrono::days retention{400};                               // of conversations and of the history
};

}  // namespace wardline::inventory
