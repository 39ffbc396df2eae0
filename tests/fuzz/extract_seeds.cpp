// Makes seeds for the fuzz targets out of captures: OUT/frames (whole frames) and OUT/payloads (what TCP and UDP
// carry), named by their content so that equal ones stand once. Usage: extract_seeds OUT CAPTURE...
#include <fmt/format.h>
#include <pcap/pcap.h>

#include <filesystem>
#include <fstream>
#include <string_view>

#include "dataplane/packet/packet_view.h"

namespace {

constexpr int kMaxFramesOfACapture = 40;
constexpr std::size_t kMaxSeedBytes = 4096;

void write_seed(const std::filesystem::path& folder, std::span<const std::byte> bytes) {
  if (bytes.empty() || bytes.size() > kMaxSeedBytes) return;
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::ofstream(folder / fmt::format("{:016x}", std::hash<std::string_view>()(text)), std::ios::binary) << text;
}

void extract(const char* capture, const std::filesystem::path& out) {
  char error[PCAP_ERRBUF_SIZE];
  pcap_t* const source = pcap_open_offline(capture, error);
  if (source == nullptr) return;  // some captures are broken on purpose
  pcap_pkthdr* header = nullptr;
  const unsigned char* data = nullptr;
  for (int count = 0; count < kMaxFramesOfACapture && pcap_next_ex(source, &header, &data) == 1; ++count) {
    const auto frame = std::as_bytes(std::span(data, header->caplen));
    write_seed(out / "frames", frame);
    if (pcap_datalink(source) == DLT_EN10MB) write_seed(out / "payloads", wardline::packet::parse(frame).payload);
  }
  pcap_close(source);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    fmt::print(stderr, "usage: extract_seeds OUT CAPTURE...\n");
    return 2;
  }
  const std::filesystem::path out(arguments[1]);
  std::filesystem::create_directories(out / "frames");
  std::filesystem::create_directories(out / "payloads");
  for (int i = 2; i < count; ++i) extract(arguments[i], out);
}
