#include "controlplane/replay/capture_reader.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <utility>

#include "controlplane/replay/made_header.h"

namespace wardline::replay {
namespace {

std::string name_of_link_type(int link_type) {
  const char* const name = pcap_datalink_val_to_name(link_type);
  return name != nullptr ? name : fmt::format("number {}", link_type);
}

// libpcap puts nanoseconds into tv_usec when it was asked for them. Times before 1970 are taken as 1970.
Tick time_of(const pcap_pkthdr& header) {
  if (header.ts.tv_sec < 0) return 0;
  return static_cast<Tick>(header.ts.tv_sec) * kSecond + static_cast<Tick>(std::max<long>(header.ts.tv_usec, 0));
}

}  // namespace

void CaptureReader::Close::operator()(pcap* capture) const {
  pcap_close(capture);
}

CaptureReader::CaptureReader(std::string path, std::unique_ptr<pcap, Close> capture, int link_type)
    : path_(std::move(path)), capture_(std::move(capture)), link_type_(link_type) {}

Result<CaptureReader> CaptureReader::open(const std::string& path) {
  char error[PCAP_ERRBUF_SIZE] = "";
  std::unique_ptr<pcap, Close> capture(
      pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error));
  if (!capture) {
    return fail("replay.unreadable", path, fmt::format("expected a pcap or pcapng capture, but: {}", error));
  }
  const int link_type = pcap_datalink(capture.get());
  if (link_type != DLT_EN10MB && !header_can_be_made(link_type)) {
    return fail("replay.link-type", path,
                fmt::format("the capture has link type {}; expected Ethernet, raw IP, BSD loopback or Linux cooked. "
                            "Capture on an Ethernet interface instead",
                            name_of_link_type(link_type)));
  }
  return CaptureReader(path, std::move(capture), link_type);
}

std::optional<CapturedFrame> CaptureReader::next() {
  if (!warning_.empty()) return std::nullopt;
  pcap_pkthdr* header = nullptr;
  const unsigned char* data = nullptr;
  const int outcome = pcap_next_ex(capture_.get(), &header, &data);
  if (outcome != 1) {
    if (outcome != PCAP_ERROR_BREAK) {
      warning_ = fmt::format("{}: used up to frame {}, for the rest cannot be read: {}", path_, frames_,
                             pcap_geterr(capture_.get()));
    }
    return std::nullopt;
  }
  ++frames_;
  latest_ = std::max(latest_, time_of(*header));
  const auto captured = std::as_bytes(std::span(data, header->caplen));
  const std::uint32_t wire_length = std::max(header->len, header->caplen);
  if (link_type_ == DLT_EN10MB) return CapturedFrame{latest_, wire_length, captured};
  const std::int64_t made_length = std::int64_t{wire_length} + make_ethernet(link_type_, captured, made_);
  return CapturedFrame{latest_, static_cast<std::uint32_t>(std::max<std::int64_t>(made_length, 0)), made_};
}

}  // namespace wardline::replay
