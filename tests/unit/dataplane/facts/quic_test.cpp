#include <gtest/gtest.h>

#include "dataplane/facts/quic_hello.h"
#include "tests/unit/dataplane/facts/hello.h"
#include "tests/unit/dataplane/facts/quic_seal.h"

namespace wardline::facts {
namespace {

// The ClientHello of the example, without its CRYPTO header (RFC 9001, A.2); its server is example.com.
Octets example_hello() {
  return from_hex(
      "010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c0000000"
      "10000e00000b6578616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e00050005010000"
      "0000003300260024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304"
      "000d0010000e0403050306030203080408050806002d00020101001c00024001003900320408ffffffffffffffff05048000ffff"
      "07048000ffff0801100104800075300901100f088394c8f03e51570806048000ffff");
}
Octets example_packet(QuicVersion version) {
  return seal_initial(version, crypto_frame(0, example_hello()));
}

template <std::size_t N>
Octets octets(const std::array<std::uint8_t, N>& bytes) {
  const auto span = std::as_bytes(std::span(bytes));
  return {span.begin(), span.end()};
}

TEST(QuicInitial, KeysAreThoseOfTheStandards) {
  const auto v1 = client_initial_keys(QuicVersion::kV1, example_id());  // RFC 9001, A.1
  EXPECT_EQ(octets(v1.key), from_hex("1f369613dd76d5467730efcbe3b1a22d"));
  EXPECT_EQ(octets(v1.iv), from_hex("fa044b2f42a3fd3b46fb255c"));
  EXPECT_EQ(octets(v1.header), from_hex("9f50449e04a0e810283a1e9933adedd2"));
  const auto v2 = client_initial_keys(QuicVersion::kV2, example_id());  // RFC 9369, A.1
  EXPECT_EQ(octets(v2.key), from_hex("8b1a0bc121284290a29e0971b5cd045d"));
  EXPECT_EQ(octets(v2.iv), from_hex("91f73e2351d8fa91660e909f"));
  EXPECT_EQ(octets(v2.header), from_hex("45b95e15235d6f45a6b19cbcb0294ba9"));
}

// RFC 9001, A.2, and RFC 9369, A.2: how the packet begins, and for v1 how it ends (with the tag over all of it).
TEST(QuicInitial, TheExamplesOfTheStandardsAreSealedAsTheySay) {
  const auto v1 = example_packet(QuicVersion::kV1), v2 = example_packet(QuicVersion::kV2);
  ASSERT_EQ(v1.size(), 1200u);
  EXPECT_EQ(Octets(v1.begin(), v1.begin() + 32),
            from_hex("c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11"));
  EXPECT_EQ(Octets(v1.end() - 16, v1.end()), from_hex("e221af44860018ab0856972e194cd934"));
  EXPECT_EQ(Octets(v2.begin(), v2.begin() + 32),
            from_hex("d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485"));
}

TEST(QuicReader, TheExamplesGiveTheirServerName) {
  for (const auto version : {QuicVersion::kV1, QuicVersion::kV2}) {
    const auto facts = read(read_quic, example_packet(version));
    EXPECT_EQ(value(facts, Fact::kTlsSni), "example.com");
    EXPECT_EQ(value(facts, Fact::kTlsVersion), "1.3");
    EXPECT_EQ(value(facts, Fact::kTlsAlpn), "alpn");
    EXPECT_EQ(value(facts, Fact::kTlsJa4).substr(0, 10), "q13d0211an");
  }
}

TEST(QuicReader, ADatagramOfTheServerSaysNothing) {
  EXPECT_TRUE(read(read_quic, example_packet(QuicVersion::kV1), false).values().empty());
}

TEST(QuicReader, OneWrongBitAnywhereAndNothingIsRead) {
  const auto right = example_packet(QuicVersion::kV1);
  for (std::size_t at = 0; at < right.size(); ++at) {
    auto wrong = right;
    wrong[at] ^= std::byte{0x01};
    EXPECT_TRUE(read(read_quic, wrong).values().empty()) << at;
  }
}

TEST(QuicReader, ACutDatagramSaysNothing) {
  const auto whole = example_packet(QuicVersion::kV1);
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_TRUE(read(read_quic, std::span(whole).first(length)).values().empty()) << length;
}

TEST(QuicReader, FramesInAnyOrderAndOverlappingArePutInOrder) {
  const auto hello = browser_hello().handshake();
  const std::span<const std::byte> all(hello);
  Wire frames;
  frames.raw(crypto_frame(200, all.subspan(200))).u8(1).zeros(9).raw(crypto_frame(0, all.first(33)));
  frames.u8(2).u8(5).u8(0).u8(1).u8(0).u8(1).u8(1);  // ACK with a second range
  frames.raw(crypto_frame(30, all.subspan(30, 200)));
  const auto facts = read(read_quic, seal_initial(QuicVersion::kV1, frames.octets));
  EXPECT_EQ(value(facts, Fact::kTlsSni), "pump.maker.example");
  EXPECT_EQ(value(facts, Fact::kTlsJa4), "q13d1516h2_8daaf6152771_e5627efa2ab1");
}

TEST(QuicReader, TwoPacketsInOneDatagramAreReadTogether) {
  const auto hello = browser_hello().handshake();
  const std::span<const std::byte> all(hello);
  Wire datagram;
  datagram.raw(seal_initial(QuicVersion::kV1, crypto_frame(0, all.first(90)), 400, 0));
  datagram.raw(seal_initial(QuicVersion::kV1, crypto_frame(90, all.subspan(90)), 700, 1, from_hex("0102030405")));
  EXPECT_EQ(value(read(read_quic, datagram), Fact::kTlsJa4), "q13d1516h2_8daaf6152771_e5627efa2ab1");
}

TEST(QuicHello, AHelloOfTwoDatagramsIsWholeAfterTheSecond) {
  const auto hello = browser_hello().extension(0x0033, Octets(1216)).handshake();  // a post-quantum key share
  const std::span<const std::byte> all(hello);
  QuicHello gathered;
  EXPECT_TRUE(gathered.take(seal_initial(QuicVersion::kV1, crypto_frame(0, all.first(1000)), 1162, 0)));
  EXPECT_FALSE(gathered.complete());
  FactSet first;
  gathered.add_facts(first);
  EXPECT_EQ(value(first, Fact::kTlsSni), "pump.maker.example");
  EXPECT_EQ(value(first, Fact::kTlsJa4), "");

  EXPECT_TRUE(gathered.take(seal_initial(QuicVersion::kV1, crypto_frame(1000, all.subspan(1000)), 1162, 1)));
  EXPECT_TRUE(gathered.complete());
  FactSet both;
  gathered.add_facts(both);
  EXPECT_EQ(value(both, Fact::kTlsJa4).substr(0, 10), "q13d1517h2");
  EXPECT_FALSE(gathered.take(seal_initial(QuicVersion::kV1, crypto_frame(0, all.first(1000)), 1162, 2)));
}

TEST(QuicHello, ALaterDatagramFirstIsKeptForTheEarlierOne) {
  const auto hello = browser_hello().handshake();
  const std::span<const std::byte> all(hello);
  QuicHello gathered;
  EXPECT_TRUE(gathered.take(seal_initial(QuicVersion::kV2, crypto_frame(50, all.subspan(50)), 1162, 1)));
  FactSet none;
  gathered.add_facts(none);
  EXPECT_TRUE(none.values().empty());
  EXPECT_TRUE(gathered.take(seal_initial(QuicVersion::kV2, crypto_frame(0, all.first(50)), 1162, 0)));
  FactSet facts;
  gathered.add_facts(facts);
  EXPECT_EQ(value(facts, Fact::kTlsJa4), "q13d1516h2_8daaf6152771_e5627efa2ab1");
}

TEST(QuicHello, WhatLiesBeyondItsRoomIsNotKept) {
  QuicHello gathered;
  EXPECT_FALSE(gathered.take(seal_initial(QuicVersion::kV1, crypto_frame(0x3f00, Octets(100)))));
  EXPECT_FALSE(gathered.complete());
}

}  // namespace
}  // namespace wardline::facts
