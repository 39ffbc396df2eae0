#include <algorithm>
#include <cstddef>
#include <string_view>

#include "dataplane/facts/readers.h"
#include "dataplane/facts/wire_text.h"

// HTTP/1 (RFC 9112). The preface of HTTP/2 looks like a request of version 2.0 and says nothing.
namespace wardline::facts {
namespace {

constexpr std::size_t kMaxHead = 8192, kMaxHeaders = 100, kMaxMethod = 16;

// Lines of a head that are there whole. A receiver may take a bare line feed as the end of one (RFC 9112, 2.2).
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text.substr(0, kMaxHead)) {}

  // False at the end of the head, or where the rest of a line is not there.
  bool next(std::string_view& line) {
    const auto end = rest_.find('\n');
    if (end == std::string_view::npos) return false;
    line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return !line.empty();
  }

 private:
  std::string_view rest_;
};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

void add_host(std::string_view authority, FactSet& facts) {
  authority.remove_prefix(std::min(authority.size(), authority.find('@') + 1));  // npos + 1 is 0
  if (authority.starts_with('[')) {
    authority = authority.substr(1, authority.find(']') - 1);
  } else {
    authority = authority.substr(0, authority.find(':'));
  }
  const auto name = host_name(authority);
  if (!name.empty()) facts.add(Fact::kHttpHost, name.view());
}

struct RequestLine {
  std::string_view method, target;
};

bool read_request_line(std::string_view line, RequestLine& request) {
  const auto first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || first == last || first == 0 || first > kMaxMethod) return false;
  if (!line.substr(last + 1).starts_with("HTTP/1.")) return false;
  request = {line.substr(0, first), trimmed(line.substr(first, last - first))};
  return std::ranges::all_of(request.method,
                             [](char letter) { return is_alphanumeric(letter) || letter == '-' || letter == '_'; });
}

// The host that the target itself names, which then counts instead of the header Host (RFC 9112, 3.2.2).
std::string_view authority_of(const RequestLine& request) {
  if (request.method == "CONNECT") return request.target;
  const auto scheme = request.target.find("://");
  if (request.target.starts_with('/') || scheme == std::string_view::npos) return {};
  const auto rest = request.target.substr(scheme + 3);
  return rest.substr(0, rest.find_first_of("/?#"));
}

// Calls `take` with name and value of each header. A line that starts with a space continues the one before it
// (obsolete folding, RFC 9112, 5.2); what it adds is left out.
template <typename Take>
void for_each_header(Lines& lines, Take take) {
  std::string_view line;
  for (std::size_t count = 0; count < kMaxHeaders && lines.next(line); ++count) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || line.starts_with(' ') || line.starts_with('\t')) continue;
    take(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
}

void read_request(Lines& lines, const RequestLine& request, FactSet& facts) {
  facts.add(Fact::kHttpMethod, request.method);
  const auto authority = authority_of(request);
  if (!authority.empty()) add_host(authority, facts);
  for_each_header(lines, [&](std::string_view name, std::string_view value) {
    if (equal_caseless(name, "host") && authority.empty()) add_host(value, facts);
    if (equal_caseless(name, "user-agent") && !value.empty()) facts.add(Fact::kHttpUserAgent, value);
  });
}

}  // namespace

void read_http(std::span<const std::byte> bytes, bool from_client, FactSet& facts) {
  Lines lines(text_of(bytes));
  std::string_view line;
  if (!lines.next(line)) return;
  if (RequestLine request; from_client) {
    if (read_request_line(line, request)) read_request(lines, request, facts);
  } else if (line.starts_with("HTTP/1.")) {
    for_each_header(lines, [&](std::string_view name, std::string_view value) {
      if (equal_caseless(name, "server") && !value.empty()) facts.add(Fact::kHttpServer, value);
    });
  }
}

}  // namespace wardline::facts
