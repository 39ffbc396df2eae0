// The file is read back by libpcap, and its comments and directions by the format's own rules.
#include "controlplane/capture/pcapng.h"

#include <gtest/gtest.h>
#include <pcap/pcap.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "tests/unit/packet_builder.h"

namespace wardline::capture {
namespace {

constexpr std::uint64_t kTime = 1'795'000'000'123'456;

std::string packet(std::span<const std::byte> bytes, std::uint32_t wire_length, bool outbound,
                   std::string_view comment) {
  return enhanced_packet({.interface = 1,
                          .time = kTime,
                          .wire_length = wire_length,
                          .outbound = outbound,
                          .bytes = bytes,
                          .comment = comment});
}

std::uint32_t word(std::string_view block, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, block.data() + at, sizeof value);
  return value;
}

TEST(Pcapng, LibpcapReadsTheFramesBack) {
  const auto bytes = test::frame().ipv4("10.1.0.2", "10.2.0.9").udp(1, 2).bytes();
  const auto path = std::filesystem::temp_directory_path() / ("wardline-" + std::to_string(getpid()) + ".pcapng");
  std::ofstream(path, std::ios::binary) << section_header("wardline") << interface_description("ward-1/device (a)", 128)
                                        << interface_description("ward-1/core (b)", 128)
                                        << packet(bytes, 1514, false, "forwarded")
                                        << packet(std::span(bytes).first(13), 60, true, "created");
  char problem[PCAP_ERRBUF_SIZE] = "";
  pcap_t* file = pcap_open_offline(path.c_str(), problem);
  ASSERT_NE(file, nullptr) << problem;
  EXPECT_EQ(pcap_datalink(file), DLT_EN10MB);
  pcap_pkthdr* about = nullptr;
  const u_char* read = nullptr;
  ASSERT_EQ(pcap_next_ex(file, &about, &read), 1) << pcap_geterr(file);
  EXPECT_EQ(about->len, 1514U);
  ASSERT_EQ(about->caplen, bytes.size());
  EXPECT_EQ(std::memcmp(read, bytes.data(), bytes.size()), 0);
  EXPECT_EQ(static_cast<std::uint64_t>(about->ts.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(about->ts.tv_usec),
            kTime);
  ASSERT_EQ(pcap_next_ex(file, &about, &read), 1) << pcap_geterr(file);
  EXPECT_EQ(about->caplen, 13U);
  EXPECT_EQ(pcap_next_ex(file, &about, &read), PCAP_ERROR_BREAK);
  pcap_close(file);
  std::filesystem::remove(path);
}

TEST(Pcapng, AFrameCarriesItsCommentAndItsDirection) {
  const auto bytes = test::to_bytes("abcde");
  const auto block = packet(bytes, 60, true, "held");
  ASSERT_EQ(block.size(), word(block, 4));
  EXPECT_EQ(word(block, block.size() - 4), block.size()) << "the length stands at both ends";
  EXPECT_EQ(word(block, 0), 6U);
  EXPECT_EQ(word(block, 8), 1U) << "the interface";
  const std::size_t options = 28 + 8;  // five bytes are padded to eight
  EXPECT_EQ(word(block, options), 1U | 4U << 16) << "a comment of four bytes";
  EXPECT_EQ(block.substr(options + 4, 4), "held");
  EXPECT_EQ(word(block, options + 8), 2U | 4U << 16) << "flags";
  EXPECT_EQ(word(block, options + 12) & 3, 2U) << "outbound";
  EXPECT_EQ(word(packet(bytes, 60, false, "held"), options + 12) & 3, 1U) << "inbound";
}

}  // namespace
}  // namespace wardline::capture
