#include "controlplane/replay/capture_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include <filesystem>
#include <fstream>

#include "controlplane/replay/capture_writer.h"
#include "controlplane/replay/made_header.h"
#include "dataplane/packet/packet_view.h"
#include "tests/unit/packet_builder.h"

namespace wardline::replay {
namespace {

using test::address;
using test::Bytes;
using test::frame;
using test::mac;

class CaptureFile : public testing::Test {
 protected:
  ~CaptureFile() override { std::filesystem::remove_all(folder_); }

  std::string path(const char* name) const { return folder_ / name; }

  // A capture of `packets` as they are, one a second.
  std::string write(int link_type, const std::vector<Bytes>& packets, std::uint32_t missing = 0) const {
    const std::string file = path("in.pcap");
    pcap_t* const form = pcap_open_dead(link_type, 65535);
    pcap_dumper_t* const out = pcap_dump_open(form, file.c_str());
    pcap_pkthdr header{};
    for (const Bytes& packet : packets) {
      ++header.ts.tv_sec;
      header.caplen = static_cast<bpf_u_int32>(packet.size());
      header.len = header.caplen + missing;
      pcap_dump(reinterpret_cast<unsigned char*>(out), &header, reinterpret_cast<const unsigned char*>(packet.data()));
    }
    pcap_dump_close(out);
    pcap_close(form);
    return file;
  }

 private:
  static std::filesystem::path make_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "wardline-replay-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    return name;
  }
  std::filesystem::path folder_ = make_folder();
};

Bytes with_header(Bytes header, const Bytes& packet) {
  header.insert(header.end(), packet.begin(), packet.end());
  return header;
}

class Reader : public CaptureFile {};
class Writer : public CaptureFile {};

const test::FrameBuilder kTcp = frame().ipv4("10.1.0.2", "10.2.0.9").tcp(1234, 443).payload("hello");

TEST_F(Reader, GivesEthernetFramesAsTheyAre) {
  const Bytes sent = kTcp.bytes();
  auto reader = CaptureReader::open(write(DLT_EN10MB, {sent, sent}));
  ASSERT_TRUE(reader) << reader.error().text();
  const auto first = reader->next();
  ASSERT_TRUE(first);
  EXPECT_TRUE(std::ranges::equal(first->bytes, sent));
  EXPECT_EQ(first->wire_length, sent.size());
  EXPECT_EQ(first->time, 1 * kSecond);
  EXPECT_EQ(reader->next()->time, 2 * kSecond);
  EXPECT_FALSE(reader->next());
  EXPECT_EQ(reader->frames(), 2u);
  EXPECT_EQ(reader->warning(), "");
}

TEST_F(Reader, TellsTheLengthOnTheWireOfAFrameStoredShorter) {
  auto reader = CaptureReader::open(write(DLT_EN10MB, {kTcp.bytes()}, 100));
  ASSERT_TRUE(reader);
  const auto captured = reader->next();
  EXPECT_EQ(captured->wire_length, captured->bytes.size() + 100);
}

TEST_F(Reader, MakesAnEthernetHeaderForEveryKindOfCookedPacket) {
  const Bytes packet = kTcp.packet();
  Bytes sll(16), sll2(20), null(4), loop(4);
  sll[14] = sll2[0] = std::byte{0x08};
  null[0] = loop[3] = std::byte{2};
  const std::vector<std::pair<int, Bytes>> kinds{{DLT_RAW, packet},
                                                 {DLT_IPV4, packet},
                                                 {DLT_NULL, with_header(null, packet)},
                                                 {DLT_LOOP, with_header(loop, packet)},
                                                 {DLT_LINUX_SLL, with_header(sll, packet)},
                                                 {DLT_LINUX_SLL2, with_header(sll2, packet)}};
  for (const auto& [link_type, captured] : kinds) {
    auto reader = CaptureReader::open(write(link_type, {captured}, 7));
    ASSERT_TRUE(reader) << link_type << ": " << reader.error().text();
    const auto made = reader->next();
    ASSERT_TRUE(made);
    const packet::PacketView view = packet::parse(made->bytes);
    EXPECT_EQ(view.shape, packet::Shape::kIp) << link_type;
    EXPECT_EQ(view.target_port, 443);
    EXPECT_EQ(view.source_mac, mac("02:00:0a:01:00:02")) << link_type;
    EXPECT_EQ(view.target_mac, mac("02:00:0a:02:00:09")) << link_type;
    EXPECT_EQ(made->wire_length, made->bytes.size() + 7) << "seven bytes were missing before, too";
  }
}

TEST_F(Reader, APacketTooShortForItsLinkHeaderGivesNoBytes) {
  auto reader = CaptureReader::open(write(DLT_LINUX_SLL, {Bytes(10)}));
  ASSERT_TRUE(reader);
  const auto made = reader->next();
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->bytes.empty());
}

TEST_F(Reader, RefusesOtherLinkTypesByName) {
  const auto reader = CaptureReader::open(write(DLT_PPP, {kTcp.packet()}));
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, "replay.link-type");
  EXPECT_THAT(reader.error().what, testing::HasSubstr("PPP"));
}

TEST_F(Reader, RefusesWhatIsNoCaptureOrNotThere) {
  std::ofstream(path("text")) << "no capture at all, only words in a file";
  EXPECT_EQ(CaptureReader::open(path("text")).error().code, "replay.unreadable");
  EXPECT_EQ(CaptureReader::open(path("absent")).error().code, "replay.unreadable");
}

TEST_F(Reader, UsesACutCaptureUpToTheCutAndWarns) {
  const std::string file = write(DLT_EN10MB, {kTcp.bytes(), kTcp.bytes(), kTcp.bytes()});
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 10);
  auto reader = CaptureReader::open(file);
  ASSERT_TRUE(reader);
  while (reader->next()) continue;
  EXPECT_EQ(reader->frames(), 2u);
  EXPECT_THAT(reader->warning(), testing::HasSubstr("frame 2"));
  EXPECT_FALSE(reader->next()) << "it stays at its end";
}

TEST_F(Writer, WhatItWroteIsReadBackToTheNanosecond) {
  auto writer = CaptureWriter::create(path("out.pcap"));
  ASSERT_TRUE(writer) << writer.error().text();
  const Tick time = 1'700'000'000 * kSecond + 123'456'789;
  writer->write(time, kTcp.bytes());
  ASSERT_TRUE(writer->close());
  auto reader = CaptureReader::open(path("out.pcap"));
  ASSERT_TRUE(reader);
  const auto back = reader->next();
  ASSERT_TRUE(back);
  EXPECT_EQ(back->time, time);
  EXPECT_TRUE(std::ranges::equal(back->bytes, kTcp.bytes()));
}

TEST_F(Reader, TimeNeverRunsBackwards) {
  auto writer = CaptureWriter::create(path("out.pcap"));
  ASSERT_TRUE(writer);
  for (const Tick time : {5 * kSecond, 3 * kSecond, 6 * kSecond}) writer->write(time, kTcp.bytes());
  ASSERT_TRUE(writer->close());
  auto reader = CaptureReader::open(path("out.pcap"));
  EXPECT_EQ(reader->next()->time, 5 * kSecond);
  EXPECT_EQ(reader->next()->time, 5 * kSecond);
  EXPECT_EQ(reader->next()->time, 6 * kSecond);
}

TEST_F(Writer, AFileThatCannotBeMadeIsAnError) {
  const auto writer = CaptureWriter::create(path("no/such/folder.pcap"));
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().code, "replay.unwritable");
}

TEST_F(Writer, AFullDiskIsAnErrorAtTheEnd) {
  auto writer = CaptureWriter::create("/dev/full");
  ASSERT_TRUE(writer);
  writer->write(0, kTcp.bytes());
  EXPECT_FALSE(writer->close());
}

TEST(MadeMac, GroupAddressesBecomeGroupMacs) {
  EXPECT_EQ(made_mac(address("224.0.0.251")), mac("01:00:5e:00:00:fb"));
  EXPECT_EQ(made_mac(address("239.255.255.250")), mac("01:00:5e:7f:ff:fa"));
  EXPECT_EQ(made_mac(address("255.255.255.255")), mac("ff:ff:ff:ff:ff:ff"));
  EXPECT_EQ(made_mac(address("ff02::1:2")), mac("33:33:00:01:00:02"));
}

TEST(MadeMac, Ipv6HostsHaveDifferentMacs) {
  EXPECT_NE(made_mac(address("fd00::1")), made_mac(address("fd00::2")));
  EXPECT_FALSE(made_mac(address("fd00::1")).group());
}

}  // namespace
}  // namespace wardline::replay
