// First bytes of TLS and datagrams of DTLS, and a ClientHello alone as QUIC carries it.
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/facts/client_hello.h"
#include "dataplane/facts/readers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline::facts;
  const auto bytes = std::as_bytes(std::span(data, size));
  FactSet facts;
  read_tls(bytes, true, facts);
  read_tls(bytes, false, facts);
  if (const auto hello = read_client_hello(bytes, false, HelloOver::kQuic)) add_client_hello(*hello, facts);
  return 0;
}
