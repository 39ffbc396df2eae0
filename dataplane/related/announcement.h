#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/address.h"
#include "dataplane/packet/packet_view.h"

namespace wardline::related {

enum class Kind : std::uint8_t {
  kFtpData,
  kMedia,         // RTP and its kin
  kMediaControl,  // RTCP
  kCallControl,   // H.245
  kService,       // of an RPC program
};

// A port at which the sender of a message waits for the other side.
struct Announcement {
  Kind kind = Kind::kMedia;
  std::uint8_t proto = packet::kProtoUdp;
  std::uint16_t port = 0;
  Address address{};  // unspecified: the sender's own
};

// What one packet announces; more than there is room for is left out. A value.
class Announcements {
 public:
  static constexpr std::size_t kMost = 16;
  void add(const Announcement& announcement) {
    if (announcement.port != 0 && count_ < kMost) all_[count_++] = announcement;
  }
  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  const Announcement& operator[](std::size_t i) const { return all_[i]; }
  Announcement& back() { return all_[count_ - 1]; }
  const Announcement* begin() const { return all_.data(); }
  const Announcement* end() const { return all_.data() + count_; }

 private:
  std::array<Announcement, kMost> all_{};
  std::size_t count_ = 0;
};

}  // namespace wardline::related
