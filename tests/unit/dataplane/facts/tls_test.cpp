#include <gtest/gtest.h>

#include "dataplane/facts/client_hello.h"
#include "tests/unit/dataplane/facts/hello.h"

namespace wardline::facts {
namespace {

FactSet read_hello(const Hello& hello) {
  return read(read_tls, record(hello.handshake()));
}
std::string ja4(const Hello& hello) {
  return value(read_hello(hello), Fact::kTlsJa4);
}

TEST(TlsReader, ABrowsersHelloGivesAllFactsWithoutItsGrease) {
  const auto facts = read_hello(browser_hello());
  EXPECT_EQ(value(facts, Fact::kTlsSni), "pump.maker.example");
  EXPECT_EQ(value(facts, Fact::kTlsVersion), "1.3");
  EXPECT_EQ(value(facts, Fact::kTlsAlpn), "h2");
  EXPECT_EQ(value(facts, Fact::kTlsJa4), "t13d1516h2_8daaf6152771_e5627efa2ab1");
  // MD5 of 771,4865-4866-4867-49195-49199-49196-49200-52393-52392-49171-49172-156-157-47-53,
  // 0-23-65281-10-11-35-16-5-13-18-51-45-43-27-17513-21,29-23-24,0
  EXPECT_EQ(value(facts, Fact::kTlsJa3), "cd08e31494f9531f560d64c695473da9");
}

TEST(TlsReader, Ja3OfAHelloWithoutExtensionsEndsInEmptyFields) {
  Hello hello;
  hello.version = 0x0301;
  hello.ciphers = {4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99};  // the example of JA3's description
  const auto facts = read_hello(hello);
  EXPECT_EQ(value(facts, Fact::kTlsJa3), "de350869b8c85de67a350c8d186f11e6");
  EXPECT_EQ(value(facts, Fact::kTlsJa4).substr(0, 11), "t10i110000_");
  EXPECT_EQ(value(facts, Fact::kTlsJa4).substr(24), "000000000000");
  EXPECT_EQ(value(facts, Fact::kTlsVersion), "1.0");
}

TEST(TlsReader, ANameThatIsSplitOverRecordsIsReadWhole) {
  const auto handshake = browser_hello().handshake();
  const std::span<const std::byte> all(handshake);
  for (const std::size_t piece : {1u, 3u, 7u, 100u}) {
    Wire wire;
    for (std::size_t at = 0; at < all.size(); at += piece)
      wire.raw(record(all.subspan(at, std::min(piece, all.size() - at))));
    const auto facts = read(read_tls, wire);
    EXPECT_EQ(value(facts, Fact::kTlsSni), "pump.maker.example") << piece;
    EXPECT_EQ(value(facts, Fact::kTlsJa4), "t13d1516h2_8daaf6152771_e5627efa2ab1") << piece;
  }
}

TEST(TlsReader, ACutHelloGivesWhatIsThereAndNoFingerprint) {
  const auto whole = record(browser_hello().handshake());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto facts = read(read_tls, std::span(whole).first(length));
    EXPECT_EQ(value(facts, Fact::kTlsJa3), "") << length;
    EXPECT_EQ(value(facts, Fact::kTlsJa4), "") << length;
    const auto name = value(facts, Fact::kTlsSni), version = value(facts, Fact::kTlsVersion);
    EXPECT_TRUE(name.empty() || name == "pump.maker.example") << length << name;
    EXPECT_TRUE(version.empty() || version == "1.3") << length << version;  // never the field that stays at 1.2
  }
  const auto most = read(read_tls, std::span(whole).first(whole.size() - 1));
  EXPECT_EQ(value(most, Fact::kTlsSni), "pump.maker.example");
  EXPECT_EQ(value(most, Fact::kTlsVersion), "1.3");
}

TEST(TlsReader, ARecordOfAnotherKindEndsAHello) {
  const auto handshake = browser_hello().handshake();
  const std::span<const std::byte> all(handshake);
  const auto alert = Wire().u8(21).u16(0x0303).u16(2).u16(0x0228);
  const auto facts = read(read_tls, Wire().raw(record(all.first(300))).raw(alert).raw(record(all.subspan(300))));
  EXPECT_EQ(value(facts, Fact::kTlsSni), "pump.maker.example");
  EXPECT_EQ(value(facts, Fact::kTlsJa4), "");
}

TEST(TlsReader, AHelloBeyondTheBoundGivesItsNameAndNoFingerprint) {
  const auto facts = read_hello(browser_hello().extension(0x1234, Octets(kMaxHello)));
  EXPECT_EQ(value(facts, Fact::kTlsSni), "pump.maker.example");
  EXPECT_EQ(value(facts, Fact::kTlsJa4), "");
}

TEST(TlsReader, AHelloWithAListBeyondTheBoundGetsNoFingerprint) {
  auto hello = browser_hello();
  hello.ciphers.assign(kMaxListed, 0x1301);
  EXPECT_NE(ja4(hello), "");
  hello.ciphers.push_back(0x1301);
  EXPECT_EQ(ja4(hello), "");
  EXPECT_EQ(value(read_hello(hello), Fact::kTlsSni), "pump.maker.example");
  hello.ciphers.pop_back();
  for (std::size_t i = 0; i < kMaxListed; ++i) hello.extension(2000);
  EXPECT_EQ(ja4(hello), "");
}

TEST(TlsReader, AHelloWhoseLengthsDoNotFitGetsNoFingerprint) {
  auto bytes = record(browser_hello().handshake());
  bytes[bytes.size() - 101] = std::byte{101};  // the last extension claims one byte more than there is
  const auto facts = read(read_tls, bytes);
  EXPECT_EQ(value(facts, Fact::kTlsSni), "pump.maker.example");
  EXPECT_EQ(value(facts, Fact::kTlsJa4), "");
}

TEST(TlsReader, ANameThatNoHostCanHaveIsLeftOut) {
  for (const std::string_view name : {"a b", "x\ny", "", ".", "a..b", "\xff\xfe", "<script>", "a/b"})
    EXPECT_EQ(value(read_hello(Hello().name(name)), Fact::kTlsSni), "") << name;
  EXPECT_EQ(value(read_hello(Hello().name(std::string(64, 'a'))), Fact::kTlsSni), "");
  EXPECT_EQ(value(read_hello(Hello().name("192.0.2.7")), Fact::kTlsSni), "192.0.2.7");
  EXPECT_EQ(value(read_hello(Hello().name("_dns.Example.")), Fact::kTlsSni), "_dns.example");
}

TEST(TlsReader, Ja4WritesAnAlpnThatIsNoTextByItsHexadecimalForm) {
  EXPECT_EQ(ja4(Hello().alpn({"\xab"})).substr(8, 2), "ab");
  EXPECT_EQ(ja4(Hello().alpn({"\xab\xcd"})).substr(8, 2), "ad");
  EXPECT_EQ(ja4(Hello().alpn({"0\xab"})).substr(8, 2), "3b");
  EXPECT_EQ(ja4(Hello().alpn({"0\xab\xcd\x31"})).substr(8, 2), "01");
  EXPECT_EQ(ja4(Hello().alpn({"h"})).substr(8, 2), "hh");
  EXPECT_EQ(ja4(Hello().name("a")).substr(8, 2), "00");
}

TEST(TlsReader, Ja4CountsToNinetyNineAtMost) {
  Hello hello;
  hello.ciphers.clear();
  for (unsigned i = 0; i < 150; ++i) hello.ciphers.push_back(i), hello.extension(1000 + i);
  EXPECT_EQ(ja4(hello).substr(0, 10), "t12i999900");
}

TEST(TlsReader, ADtlsHelloIsReadFromItsDatagram) {
  auto hello = browser_hello();
  hello.version = 0xfefd;
  const auto body = hello.body(true);
  const auto datagram = [&](std::size_t fragment) {
    Wire wire;
    wire.u8(22).u16(0xfeff).zeros(8).u16(static_cast<unsigned>(fragment + 12));
    wire.u8(1).u24(body.size()).u16(0).u24(0).u24(fragment).raw(std::span(body).first(fragment));
    return wire.octets;
  };
  const auto facts = read(read_tls, datagram(body.size()));
  EXPECT_EQ(value(facts, Fact::kTlsSni), "pump.maker.example");
  EXPECT_EQ(value(facts, Fact::kTlsJa4).substr(0, 1), "d");
  EXPECT_EQ(value(facts, Fact::kTlsJa4).substr(11), "8daaf6152771_e5627efa2ab1");
  const auto part = read(read_tls, datagram(body.size() - 5));
  EXPECT_EQ(value(part, Fact::kTlsSni), "pump.maker.example");
  EXPECT_EQ(value(part, Fact::kTlsJa4), "");
}

Octets server_hello(unsigned version, std::span<const std::byte> extensions) {
  const auto body = Wire().u16(version).zeros(32).u8(0).u16(0x1301).u8(0).long_vector(extensions);
  return record(Wire().u8(2).u24(body.octets.size()).raw(body));
}

TEST(TlsReader, AServerHelloTellsTheVersionThatWasChosen) {
  EXPECT_EQ(value(read(read_tls, server_hello(0x0302, {}), false), Fact::kTlsVersion), "1.1");
  const auto tls13 = server_hello(0x0303, Wire().u16(51).u16(0).u16(43).u16(2).u16(0x0304));
  EXPECT_EQ(value(read(read_tls, tls13, false), Fact::kTlsVersion), "1.3");
  const auto cut = std::span(tls13).first(tls13.size() - 3);
  EXPECT_EQ(value(read(read_tls, cut, false), Fact::kTlsVersion), "");
}

TEST(TlsReader, AHelloOfTheWrongSideSaysNothing) {
  EXPECT_TRUE(read(read_tls, record(browser_hello().handshake()), false).values().empty());
  EXPECT_TRUE(read(read_tls, server_hello(0x0303, {}), true).values().empty());
}

}  // namespace
}  // namespace wardline::facts
