#include "controlplane/identity/observers.h"
#include "controlplane/identity/text_head.h"

namespace wardline::identity {

// RFC 3261: User-Agent (20.41) of a request or an answer, Server (20.35) of an answer. Never From and To: they name
// people.
void observe_sip(Bytes payload, const Speech&, Observations& out) {
  const TextHead head(as_text(payload));
  if (!head.start_line().contains("SIP/2.0")) return;
  const auto agent = head.field("user-agent");
  tell(out, "sip", "sip.agent", agent.empty() ? head.field("server") : agent);
}

}  // namespace wardline::identity
