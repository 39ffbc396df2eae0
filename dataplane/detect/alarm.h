#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>

#include "dataplane/address.h"
#include "dataplane/detect/settings.h"

namespace wardline::detect {

// A short text for a record. Always printable: what is not is shown as '?', what is too long is cut.
struct Note {
  std::array<char, 32> text{};

  Note() = default;
  explicit Note(std::string_view given) { append(given); }
  explicit Note(const Mac& mac);
  explicit Note(const Address& address);  // an IPv6 one by its last four groups
  void append(std::string_view given) {
    for (const char c : given) {
      if (length_ + 1U >= text.size()) return;
      text[length_++] = c >= 0x20 && c < 0x7f ? c : '?';
    }
  }
  std::string_view view() const { return {text.data(), length_}; }

 private:
  std::uint8_t length_ = 0;
};
inline constexpr Note kNoNote;

struct Alarm {
  Detector detector = Detector::kCount;
  SignatureId signature = kNoSignature;
  std::uint32_t count = 0;
  bool tell = false;  // false: told lately for this device; what it does is still done
  bool past = false;  // of a flow that ended: it costs the device something, not the flow at hand
  Note note;
};

// What one packet raised. More than four at once are not told apart from four.
class Alarms {
 public:
  Alarms() {}  // nothing is cleared: nearly no packet raises any
  void add(const Alarm& alarm) {
    if (size_ < kMost) std::construct_at(alarms() + size_++, alarm);
  }
  std::span<const Alarm> all() const { return {reinterpret_cast<const Alarm*>(room_), size_}; }
  bool empty() const { return size_ == 0; }

 private:
  static constexpr std::size_t kMost = 4;
  static_assert(std::is_trivially_copyable_v<Alarm>);
  Alarm* alarms() { return reinterpret_cast<Alarm*>(room_); }

  alignas(Alarm) std::byte room_[kMost * sizeof(Alarm)];
  std::size_t size_ = 0;
};

}  // namespace wardline::detect
