// Any bytes as a head of HTTP, as a message of DNS and as messages of SMB: a captured payload is a seed for each.
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/facts/readers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline::facts;
  const auto bytes = std::as_bytes(std::span(data, size));
  for (const auto reader : {read_http, read_dns, read_dns_tcp, read_smb}) {
    FactSet facts;
    reader(bytes, true, facts);
    reader(bytes, false, facts);
  }
  return 0;
}
