// JA3 and JA4 of a ClientHello. No other member of the JA4 family is computed: their licence asks for an agreement.
#include <algorithm>

#include "dataplane/facts/client_hello.h"
#include "dataplane/facts/text_digest.h"
#include "dataplane/facts/wire_text.h"

namespace wardline::facts {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint16_t kServerName = 0, kAlpn = 16;

// Numbers of a list without GREASE.
struct Numbers {
  std::size_t count = 0;
  std::array<std::uint16_t, kMaxListed> values;

  void add(std::uint16_t value) {
    if (count < values.size()) values[count++] = value;
  }
  std::span<const std::uint16_t> all() const { return {values.data(), count}; }
  void sort() { std::sort(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count)); }
};

Numbers numbers_of(Bytes list) {
  Numbers numbers;
  for_each_number(list, [&](std::uint16_t value) { numbers.add(value); });
  return numbers;
}

Numbers extension_types(const ClientHello& hello) {
  Numbers types;
  for_each_extension(hello.extensions, [&](std::uint16_t type, Bytes) {
    if (!is_grease(type)) types.add(type);
  });
  return types;
}

void put_decimals(TextDigest<Md5>& text, std::span<const std::uint16_t> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text.put('-');
    text.put_decimal(values[i]);
  }
}

void put_hexes(TextDigest<Sha256>& text, std::span<const std::uint16_t> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text.put(',');
    text.put_hex(values[i]);
  }
}

using Part = std::array<char, 12>;
constexpr Part kNothing{'0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0'};

Part ciphers_part(Numbers ciphers) {
  if (ciphers.count == 0) return kNothing;
  ciphers.sort();
  TextDigest<Sha256> text;
  put_hexes(text, ciphers.all());
  return text.hex<12>();
}

// The name of the server and ALPN differ from connection to connection of one program, so that they are not in it.
Part extensions_part(const Numbers& types, Bytes signature_algorithms) {
  Numbers listed;
  for (const auto type : types.all())
    if (type != kServerName && type != kAlpn) listed.add(type);
  if (listed.count == 0) return kNothing;
  listed.sort();
  TextDigest<Sha256> text;
  put_hexes(text, listed.all());
  const auto algorithms = numbers_of(signature_algorithms);
  if (algorithms.count > 0) text.put('_');
  put_hexes(text, algorithms.all());
  return text.hex<12>();
}

std::string_view ja4_version(std::uint16_t version) {
  switch (version) {
    case 0x0304:
      return "13";
    case 0x0303:
      return "12";
    case 0x0302:
      return "11";
    case 0x0301:
      return "10";
    case 0x0300:
      return "s3";
    case 0x0002:
      return "s2";
    case 0xfeff:
      return "d1";
    case 0xfefd:
      return "d2";
    case 0xfefc:
      return "d3";
    default:
      return "00";
  }
}

// The newest that is offered, known or not; versions of DTLS count downwards.
std::uint16_t highest_version(const ClientHello& hello) {
  const auto versions = numbers_of(hello.versions);
  if (versions.count == 0) return hello.version;
  const auto all = versions.all();
  return hello.over == HelloOver::kDtls ? *std::ranges::min_element(all) : *std::ranges::max_element(all);
}

// First and last letter of the first protocol; where one of them is no letter or digit, of its hexadecimal form.
std::array<char, 2> alpn_letters(Bytes alpn) {
  if (alpn.empty()) return {'0', '0'};
  const auto text = text_of(alpn);
  if (is_alphanumeric(text.front()) && is_alphanumeric(text.back())) return {text.front(), text.back()};
  return {kHexDigits[std::to_integer<unsigned>(alpn.front()) >> 4],
          kHexDigits[std::to_integer<unsigned>(alpn.back()) & 0xf]};
}

template <typename Text>
char* put(char* to, const Text& text) {
  return std::ranges::copy(text, to).out;
}

char* put_count(char* to, std::size_t count) {
  count = std::min<std::size_t>(count, 99);
  *to++ = static_cast<char>('0' + count / 10);
  *to++ = static_cast<char>('0' + count % 10);
  return to;
}

}  // namespace

Ja3 ja3_of(const ClientHello& hello) {
  TextDigest<Md5> text;
  text.put_decimal(hello.version);
  text.put(',');
  put_decimals(text, numbers_of(hello.ciphers).all());
  text.put(',');
  put_decimals(text, extension_types(hello).all());
  text.put(',');
  put_decimals(text, numbers_of(hello.groups).all());
  text.put(',');
  for (std::size_t i = 0; i < hello.point_formats.size(); ++i) {
    if (i > 0) text.put('-');
    text.put_decimal(std::to_integer<std::uint8_t>(hello.point_formats[i]));
  }
  return text.hex<32>();
}

Ja4 ja4_of(const ClientHello& hello) {
  const auto ciphers = numbers_of(hello.ciphers), types = extension_types(hello);
  Ja4 ja4;
  char* to = ja4.data();
  *to++ = static_cast<char>(hello.over);
  to = put(to, ja4_version(highest_version(hello)));
  *to++ = hello.has_server_name ? 'd' : 'i';
  to = put_count(to, ciphers.count);
  to = put_count(to, types.count);
  to = put(to, alpn_letters(hello.first_alpn));
  *to++ = '_';
  to = put(to, ciphers_part(ciphers));
  *to++ = '_';
  put(to, extensions_part(types, hello.signature_algorithms));
  return ja4;
}

}  // namespace wardline::facts
