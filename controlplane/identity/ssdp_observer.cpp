#include "controlplane/identity/http_head.h"
#include "controlplane/identity/observers.h"

namespace wardline::identity {
namespace {

// `urn:DOMAIN:device:TYPE:VERSION` says what it is; services, the root device and UUIDs say nothing of the kind.
void tell_type(std::string_view target, Observations& out) {
  if (target.contains(":device:")) tell(out, "ssdp", "ssdp.device_type", target);
}

}  // namespace

// UPnP Device Architecture 2.0, 1.2.2 (NOTIFY), 1.3.2 (M-SEARCH) and 1.3.3 (its answer). What a search looks for is
// another's.
void observe_ssdp(Bytes payload, const Speech&, Observations& out) {
  const auto head = HttpHead::read(as_text(payload));
  if (!head) return;
  if (head->start_line().starts_with("M-SEARCH "))
    return tell(out, "ssdp", "ssdp.user_agent", head->value("user-agent"));
  const bool notifies = head->start_line().starts_with("NOTIFY ");
  if (!notifies && !head->start_line().starts_with("HTTP/1.")) return;
  tell(out, "ssdp", "ssdp.server", head->value("server"));
  tell_type(head->value(notifies ? "nt" : "st"), out);
}

}  // namespace wardline::identity
