#pragma once
#include <pcap/pcap.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/capture/headers.h"
#include "dataplane/error.h"

namespace wardline::capture {

// Which frames a capture is about: a program of the classic BPF machine. Immutable; any thread may ask it.
class Filter {
 public:
  static constexpr std::size_t kMostInstructions = 1024;

  // `program` comes from libpcap; `reads_tags`: it looks at VLAN tags itself, else it is given frames without them.
  // Refused (capture.filter): one that is too long, that bpf_validate() does not take, or that jumps back and so might
  // not end.
  static Result<Filter> make(std::vector<bpf_insn> program, bool reads_tags);

  // It reads the headers alone, so that nothing can be asked about the payload. `wire_length` is that of the frame.
  bool wants(const Headers& headers, std::uint32_t wire_length) const;

 private:
  Filter(std::vector<bpf_insn> program, bool reads_tags) : program_(std::move(program)), reads_tags_(reads_tags) {}
  bool run(std::span<const std::byte> bytes, std::uint32_t wire_length) const;

  std::vector<bpf_insn> program_;
  bool reads_tags_;
};

}  // namespace wardline::capture
