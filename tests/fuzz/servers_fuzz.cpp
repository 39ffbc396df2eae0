// The observers of servers, IT and OT: the first byte picks one, and its high bit who opened the flow.
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <span>

#include "controlplane/identity/observers.h"

namespace {

using namespace wardline::identity;

constexpr void (*kObservers[])(Bytes, const Speech&, Observations&) = {
    observe_bacnet, observe_dicom, observe_enip,   observe_ftp,    observe_hl7,
    observe_http,   observe_imap,  observe_modbus, observe_mqtt,   observe_poct1a,
    observe_pop3,   observe_rdp,   observe_rtsp,   observe_s7,     observe_sip,
    observe_smb,    observe_smtp,  observe_ssh,    observe_telnet, observe_tls_certificate,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Observations out;
  const Speech speech{.by_client = (data[0] & 0x80) != 0};
  kObservers[(data[0] & 0x7f) % std::size(kObservers)](std::as_bytes(std::span(data + 1, size - 1)), speech, out);
  for (const auto& observation : out)
    if (observation.value.empty() || observation.value.size() > 256) std::abort();
  return 0;
}
