#include "controlplane/identity/observers.h"
#include "controlplane/identity/text_head.h"

namespace wardline::identity {

// RFC 2326: Server (12.36) of an answer, User-Agent (12.41) of a request. A camera serves, a recorder asks.
void observe_rtsp(Bytes payload, const Speech& speech, Observations& out) {
  const TextHead head(as_text(payload));
  if (!head.start_line().contains("RTSP/1.0")) return;
  if (speech.by_client)
    tell(out, "rtsp", "rtsp.agent", head.field("user-agent"));
  else
    tell(out, "rtsp", "rtsp.server", head.field("server"));
}

}  // namespace wardline::identity
