#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "dataplane/error.h"
#include "dataplane/tick.h"

struct pcap;
struct pcap_dumper;

namespace wardline::replay {

// Writes Ethernet frames into a pcap file with nanoseconds, over whatever the file held. One thread.
class CaptureWriter {
 public:
  static Result<CaptureWriter> create(const std::string& path);  // code: replay.unwritable

  void write(Tick time, std::span<const std::byte> frame);

  // Brings everything to the file; only then is it known that all was written.
  Result<void> close();

 private:
  struct Close {
    void operator()(pcap* form) const;
    void operator()(pcap_dumper* file) const;
  };
  CaptureWriter(std::string path, std::unique_ptr<pcap, Close> form, std::unique_ptr<pcap_dumper, Close> file);

  std::string path_;
  std::unique_ptr<pcap, Close> form_;
  std::unique_ptr<pcap_dumper, Close> file_;
};

}  // namespace wardline::replay
