#pragma once
#include <pcap/pcap.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "dataplane/runtime/options.h"
#include "tests/unit/dataplane/runtime/wire_rig.h"

namespace wardline::runtime {

inline RuntimeOptions one_pair(const std::string& device, const std::string& core) {
  RuntimeOptions options;
  options.huge_pages = HugePages::kOff;
  PairOptions pair;
  pair.name = "east";
  pair.device.spec = device;
  pair.core.spec = core;
  options.bundles.push_back({.name = "wire", .pairs = {pair}});
  return options;
}

template <typename Condition>
bool soon(Condition condition) {
  for (int i = 0; i < 200; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return condition();
}

inline void write_pcap(const std::filesystem::path& path, const std::vector<Bytes>& frames) {
  pcap_t* pcap = pcap_open_dead(DLT_EN10MB, 65535);
  pcap_dumper_t* out = pcap_dump_open(pcap, path.c_str());
  for (const auto& bytes : frames) {
    const auto size = static_cast<bpf_u_int32>(bytes.size());
    pcap_pkthdr header{{1, 0}, size, size};
    pcap_dump(reinterpret_cast<u_char*>(out), &header, bytes.data());
  }
  pcap_dump_close(out);
  pcap_close(pcap);
}

inline std::vector<Bytes> read_pcap(const std::filesystem::path& path) {
  std::vector<Bytes> frames;
  char error[PCAP_ERRBUF_SIZE];
  pcap_t* pcap = pcap_open_offline(path.c_str(), error);
  if (pcap == nullptr) return frames;
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  while (pcap_next_ex(pcap, &header, &bytes) == 1) frames.emplace_back(bytes, bytes + header->caplen);
  pcap_close(pcap);
  return frames;
}

struct TempFolder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("wardline-ports-" + std::to_string(getpid()));
  TempFolder() { std::filesystem::create_directories(path); }
  ~TempFolder() { std::filesystem::remove_all(path); }
};

}  // namespace wardline::runtime
