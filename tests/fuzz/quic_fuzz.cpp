// Datagrams of a QUIC client, and frames that are sealed first, since no fuzzer guesses a tag. The input is cut into
// pieces: a byte of flags and two of length before each.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/facts/quic_hello.h"
#include "dataplane/facts/readers.h"
#include "tests/unit/dataplane/facts/quic_seal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline::facts;
  auto rest = std::as_bytes(std::span(data, size));
  FactSet facts;
  read_quic(rest, true, facts);
  QuicHello hello;
  while (rest.size() > 3) {
    const auto flags = std::to_integer<unsigned>(rest[0]);
    const auto wanted = std::to_integer<std::size_t>(rest[1]) << 8 | std::to_integer<std::size_t>(rest[2]);
    const auto length = std::min({wanted % 2000, rest.size() - 3});
    const auto piece = rest.subspan(3, length);
    const auto version = (flags & 1) != 0 ? QuicVersion::kV2 : QuicVersion::kV1;
    if ((flags & 2) != 0)
      hello.take(piece);
    else
      hello.take(seal_initial(version, Octets(piece.begin(), piece.end()), std::max<std::size_t>(length, 4), flags));
    hello.add_facts(facts);
    rest = rest.subspan(3 + length);
  }
  return 0;
}
