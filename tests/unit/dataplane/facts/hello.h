#pragma once
#include "tests/unit/dataplane/facts/wire.h"

namespace wardline::facts {

// A ClientHello, written field by field.
struct Hello {
  unsigned version = 0x0303;
  std::vector<unsigned> ciphers = {0x1301, 0xc02b};
  std::vector<std::pair<unsigned, Octets>> extensions;

  Hello& extension(unsigned type, Octets content = {}) {
    extensions.emplace_back(type, std::move(content));
    return *this;
  }
  Hello& name(std::string_view host) {
    const auto entry = Wire().u8(0).long_vector(Wire().text(host));
    return extension(0, Wire().long_vector(entry).octets);
  }
  Hello& alpn(const std::vector<std::string_view>& protocols) {
    Wire list;
    for (const auto protocol : protocols) list.short_vector(Wire().text(protocol));
    return extension(16, Wire().long_vector(list).octets);
  }
  Hello& versions(const std::vector<unsigned>& offered) {
    return extension(43, Wire().short_vector(numbers(offered)).octets);
  }
  Hello& list(unsigned type, const std::vector<unsigned>& content) {
    return extension(type, Wire().long_vector(numbers(content)).octets);
  }

  static Octets numbers(const std::vector<unsigned>& values) {
    Wire wire;
    for (const auto number : values) wire.u16(number);
    return wire.octets;
  }
  Octets body(bool dtls = false) const {
    Wire wire;
    wire.u16(version).zeros(32).u8(0);
    if (dtls) wire.u8(0);
    wire.long_vector(numbers(ciphers)).u8(1).u8(0);
    Wire all;
    for (const auto& [type, content] : extensions) all.u16(type).long_vector(content);
    if (!extensions.empty()) wire.long_vector(all);
    return wire.octets;
  }
  // With its handshake header.
  Octets handshake() const { return Wire().u8(1).u24(body().size()).raw(body()).octets; }
};

inline Octets record(std::span<const std::byte> fragment) {
  return Wire().u8(22).u16(0x0301).long_vector(fragment).octets;
}

// A hello as browsers sent it in 2023, GREASE at its usual places; its JA4 stands in the specification's example.
inline Hello browser_hello() {
  Hello hello;
  hello.ciphers = {0x3a3a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
                   0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
  hello.extension(0xaaaa).name("Pump.Maker.Example").extension(0x0017).extension(0xff01, from_hex("00"));
  hello.list(10, {0xfafa, 0x001d, 0x0017, 0x0018}).extension(11, from_hex("0100")).extension(0x0023);
  hello.alpn({"h2", "http/1.1"}).extension(5, from_hex("0100000000"));
  hello.list(13, {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601});
  hello.extension(0x0012).extension(0x0033, from_hex("00020a0a")).extension(0x002d, from_hex("0101"));
  hello.versions({0x1a1a, 0x0304, 0x0303}).extension(0x001b, from_hex("020002")).extension(0x4469);
  return hello.extension(0xcaca, from_hex("00")).extension(0x0015, Octets(100));
}

}  // namespace wardline::facts
