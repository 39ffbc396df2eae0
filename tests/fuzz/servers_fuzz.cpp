// Every observer of servers, IT, OT and monitors sees each input, as sent by who opened the flow and by who was called.
// So a payload of a capture is a seed as it stands.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "controlplane/identity/observers.h"

namespace {

using namespace wardline;
using namespace wardline::identity;

template <facts::Reader kReader>
void observe_facts(Bytes payload, const Speech& speech, Observations& out) {
  FrameCopy copy;
  copy.what = FrameCopy::What::kFirstBytes;
  copy.device_is_client = speech.by_client;
  copy.length = static_cast<std::uint16_t>(std::min(payload.size(), copy.bytes.size()));
  std::copy_n(payload.begin(), copy.length, copy.bytes.begin());
  const auto told = observations_of_facts(copy, kReader);
  out.insert(out.end(), told.begin(), told.end());
}

constexpr void (*kObservers[])(Bytes, const Speech&, Observations&) = {
    observe_bacnet,
    observe_carescape,
    observe_dicom,
    observe_enip,
    observe_ftp,
    observe_hl7,
    observe_http,
    observe_imap,
    observe_intellivue,
    observe_modbus,
    observe_mqtt,
    observe_poct1a,
    observe_pop3,
    observe_rdp,
    observe_rtsp,
    observe_s7,
    observe_sip,
    observe_smb,
    observe_smtp,
    observe_ssh,
    observe_telnet,
    observe_tls_certificate,
    observe_facts<facts::Reader::kHttp>,
    observe_facts<facts::Reader::kQuic>,
    observe_facts<facts::Reader::kTls>,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const std::vector<std::byte> exact(bytes.begin(), bytes.end());
  Observations out;
  for (const auto observe : kObservers)
    for (const bool by_client : {true, false}) observe(exact, {.by_client = by_client}, out);
  for (const auto& observation : out)
    if (observation.value.empty() || observation.value.size() > 256) std::abort();
  return 0;
}
