#include "controlplane/identity/dns_message.h"

namespace wardline::identity {

// RFC 4795, 2.1.1. A host answers for names of its own alone.
void observe_llmnr(Bytes payload, const Speech&, Observations& out) {
  const auto message = read_dns_message(payload);
  if (!message || !message->response() || message->opcode() != 0 || message->error() != 0) return;
  for (const auto& record : message->answers)
    if (record.type == kDnsA || record.type == kDnsAaaa) tell(out, "llmnr", "llmnr.hostname", dotted(record.name));
}

}  // namespace wardline::identity
