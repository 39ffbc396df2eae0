#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dataplane/error.h"
#include "dataplane/tick.h"

struct pcap;

namespace wardline::replay {

struct CapturedFrame {
  Tick time = 0;                     // nanoseconds since 1970; never less than that of the frame before
  std::uint32_t wire_length = 0;     // more than bytes.size(): stored shorter than it was
  std::span<const std::byte> bytes;  // an Ethernet frame; valid until the next call of next()
};

// Reads the frames of a pcap or pcapng file in their order. Link types: Ethernet as it is; raw IP, BSD loopback and
// Linux cooked (v1, v2) with an Ethernet header made for them (see made_header.h).
//
// Memory: one frame. One thread.
class CaptureReader {
 public:
  // Codes: replay.unreadable (no file, no capture), replay.link-type (one that cannot be made Ethernet).
  static Result<CaptureReader> open(const std::string& path);

  // Nothing at the end, which is also where a broken file cannot be read any further: see warning().
  std::optional<CapturedFrame> next();

  std::uint64_t frames() const { return frames_; }  // given so far
  // Why reading ended early, as a sentence; empty when the file was read to its end.
  const std::string& warning() const { return warning_; }

 private:
  struct Close {
    void operator()(pcap* capture) const;
  };
  CaptureReader(std::string path, std::unique_ptr<pcap, Close> capture, int link_type);

  std::string path_;
  std::unique_ptr<pcap, Close> capture_;
  int link_type_;
  Tick latest_ = 0;
  std::uint64_t frames_ = 0;
  std::string warning_;
  std::vector<std::byte> made_;  // a frame with a made header
};

}  // namespace wardline::replay
