#include <string_view>

#include "dataplane/facts/readers.h"
#include "dataplane/facts/wire_text.h"

namespace wardline::facts {

// RFC 3261, 7: a start line and header fields, each ended by CRLF. User-Agent (20.41) of a request or an answer,
// Server (20.35) of an answer.
void read_sip(std::span<const std::byte> bytes, bool /*from_client*/, FactSet& facts) {
  constexpr std::size_t kMaxLines = 128;
  std::string_view rest = text_of(bytes);
  for (std::size_t i = 0; i < kMaxLines; ++i) {
    const auto end = rest.find("\r\n");
    if (end == std::string_view::npos || end == 0) return;
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    const auto colon = line.find(':');
    if (i == 0 || colon == std::string_view::npos) continue;
    const auto name = line.substr(0, line.find_last_not_of(" \t", colon - 1) + 1);
    if (!equal_caseless(name, "user-agent") && !equal_caseless(name, "server")) continue;
    const auto first = line.find_first_not_of(" \t", colon + 1);
    return facts.add(Fact::kSipUserAgent, first == std::string_view::npos ? std::string_view{} : line.substr(first));
  }
}

}  // namespace wardline::facts
