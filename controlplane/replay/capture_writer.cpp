#include "controlplane/replay/capture_writer.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace wardline::replay {

void CaptureWriter::Close::operator()(pcap* form) const {
  pcap_close(form);
}
void CaptureWriter::Close::operator()(pcap_dumper* file) const {
  pcap_dump_close(file);
}

CaptureWriter::CaptureWriter(std::string path, std::unique_ptr<pcap, Close> form,
                             std::unique_ptr<pcap_dumper, Close> file)
    : path_(std::move(path)), form_(std::move(form)), file_(std::move(file)) {}

Result<CaptureWriter> CaptureWriter::create(const std::string& path) {
  constexpr int kLongestFrame = 262144;
  std::unique_ptr<pcap, Close> form(
      pcap_open_dead_with_tstamp_precision(DLT_EN10MB, kLongestFrame, PCAP_TSTAMP_PRECISION_NANO));
  if (!form) return fail("replay.unwritable", path, "no memory for a capture file");
  std::unique_ptr<pcap_dumper, Close> file(pcap_dump_open(form.get(), path.c_str()));
  if (!file) return fail("replay.unwritable", path, fmt::format("cannot be written: {}", pcap_geterr(form.get())));
  return CaptureWriter(path, std::move(form), std::move(file));
}

void CaptureWriter::write(Tick time, std::span<const std::byte> frame) {
  pcap_pkthdr header{};
  header.ts.tv_sec = static_cast<time_t>(time / kSecond);
  header.ts.tv_usec = static_cast<suseconds_t>(time % kSecond);  // nanoseconds, as the file's kind says
  header.caplen = header.len = static_cast<bpf_u_int32>(frame.size());
  pcap_dump(reinterpret_cast<unsigned char*>(file_.get()), &header,
            reinterpret_cast<const unsigned char*>(frame.data()));
}

Result<void> CaptureWriter::close() {
  // pcap_dump does not say when a write failed; the stream remembers.
  errno = 0;
  const bool written = pcap_dump_flush(file_.get()) == 0 && std::ferror(pcap_dump_file(file_.get())) == 0;
  const int cause = errno;
  file_.reset();
  if (written) return {};
  return fail("replay.unwritable", path_,
              fmt::format("not all frames could be written: {}", cause != 0 ? std::strerror(cause) : "write error"));
}

}  // namespace wardline::replay
