#include "controlplane/identity/observers.h"
#include "dataplane/facts/readers.h"

namespace wardline::identity {
namespace {

using facts::Fact;

// Facts that tell what a device runs or whom it belongs to. The host of a request is none of them: one name stands for
// many services, and it may be long.
constexpr bool is_evidence(Fact fact) {
  return fact == Fact::kTlsSni || fact == Fact::kTlsJa3 || fact == Fact::kTlsJa4 || fact == Fact::kHttpUserAgent ||
         fact == Fact::kHttpServer;
}

// Without the interim answers before the one that counts (RFC 9110, 15.2): "100 Continue" names no server.
Bytes final_answer(Bytes bytes) {
  constexpr std::size_t kMostInterim = 4;
  for (std::size_t i = 0; i < kMostInterim; ++i) {
    const auto text = as_text(bytes);
    const auto end = text.find("\r\n\r\n");
    if (!text.starts_with("HTTP/1.1 1") || end == std::string_view::npos) break;
    bytes = bytes.subspan(end + 4);
  }
  return bytes;
}

}  // namespace

std::vector<Observation> observations_of_facts(const FrameCopy& copy, facts::Reader reader) {
  Observations out;
  // What the far end says is not the device's.
  if (copy.what != FrameCopy::What::kFirstBytes || copy.side != Side::kDevice) return out;
  const Bytes bytes(copy.bytes.data(), std::min<std::size_t>(copy.length, copy.bytes.size()));
  facts::FactSet found;
  if (reader == facts::Reader::kTls) facts::read_tls(bytes, copy.device_is_client, found);
  if (reader == facts::Reader::kQuic) facts::read_quic(bytes, copy.device_is_client, found);
  if (reader == facts::Reader::kHttp) facts::read_http(final_answer(bytes), copy.device_is_client, found);
  for (const auto& value : found.values())
    if (is_evidence(value.fact))
      tell(out, reader == facts::Reader::kHttp ? "http" : "tls",
           facts::kFacts[static_cast<std::size_t>(value.fact)].name, value.view());
  return out;
}

}  // namespace wardline::identity
