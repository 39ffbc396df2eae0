// Every reader of facts, chosen by the first byte: from a stream or a datagram, of either side.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/facts/reading.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline::facts;
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span(data + 1, size - 1));
  const std::vector<std::byte> exact(bytes.begin(), bytes.end());
  FactSet facts;
  read_facts(static_cast<Reader>((data[0] & 0x0f) % static_cast<std::uint8_t>(Reader::kCount)),
             (data[0] & 0x40) != 0 ? Carrier::kDatagram : Carrier::kStream, exact, (data[0] & 0x80) != 0, facts);
  for (const FactValue& value : facts.values())
    if (value.fact >= Fact::kCount || value.length > FactValue::kMaxText) __builtin_trap();
  return 0;
}
