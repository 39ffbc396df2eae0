// An answer of HTTP/1: the title of its page (HTML, 4.2.2) and the realm that asks for a password (RFC 9110, 11.5).
#include <algorithm>
#include <cstddef>

#include "controlplane/identity/observers.h"
#include "controlplane/identity/text_head.h"
#include "dataplane/facts/wire_text.h"

namespace wardline::identity {
namespace {

constexpr std::size_t kMaxTitle = 512;  // bytes on the wire, before blanks are folded

std::size_t find_caseless(std::string_view text, std::string_view word, std::size_t from = 0) {
  if (from >= text.size()) return std::string_view::npos;
  const auto found = std::ranges::search(text.substr(from), word, {}, facts::lower, facts::lower);
  return found.empty() ? std::string_view::npos : static_cast<std::size_t>(found.data() - text.data());
}

// Runs of blanks and line ends as one blank.
std::string folded(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n\f";
  std::string folded;
  for (const char letter : text) {
    const bool blank = kBlank.contains(letter);
    if (!blank)
      folded += letter;
    else if (!folded.ends_with(' '))
      folded += ' ';
  }
  return folded;
}

std::string title_of(std::string_view page) {
  const auto element = find_caseless(page, "<title");
  if (element == std::string_view::npos) return {};
  const auto begin = page.find('>', element);
  const auto end = find_caseless(page, "</title", begin);
  if (begin == std::string_view::npos || end == std::string_view::npos || end - begin > kMaxTitle) return {};
  return folded(page.substr(begin + 1, end - begin - 1));
}

// The parameter `realm` of a challenge, a quoted string or a token.
std::string realm_of(std::string_view challenge) {
  constexpr std::string_view kName = "realm=";
  const auto at = find_caseless(challenge, kName);
  if (at == std::string_view::npos) return {};
  const auto value = challenge.substr(at + kName.size());
  if (!value.starts_with('"')) return std::string(value.substr(0, value.find_first_of(", \t")));
  std::string realm;
  for (std::size_t i = 1; i < value.size() && value[i] != '"'; ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) ++i;
    realm += value[i];
  }
  return realm;
}

// A page of the device itself. What redirects, or says what went wrong, has a title of the server program's.
bool is_page(const TextHead& head) {
  const auto status = head.start_line().substr(std::min<std::size_t>(head.start_line().size(), 8));
  return (status.starts_with(" 200") || status.starts_with(" 401")) &&
         find_caseless(head.field("content-type"), "text/html") == 0;
}

// A name as HL7 and DICOM write it, its parts between carets, or a number as long as those of records: such a page may
// be a patient's.
bool may_name_a_patient(std::string_view title) {
  constexpr std::size_t kDigits = 6;
  std::size_t digits = 0;
  const auto marks = [&](char letter) {
    digits = facts::is_digit(letter) ? digits + 1 : 0;
    return letter == '^' || digits == kDigits;
  };
  return std::ranges::any_of(title, marks);
}

}  // namespace

// Nothing of a request: its target may name a patient. User-Agent and Server are facts (fact_observer.cpp).
void observe_http(Bytes payload, const Speech& speech, Observations& out) {
  const TextHead head(as_text(payload));
  if (speech.by_client || !head.start_line().starts_with("HTTP/1.")) return;
  std::string realm;
  head.for_each_field([&](std::string_view name, std::string_view value) {
    if (realm.empty() && facts::equal_caseless(name, "www-authenticate")) realm = realm_of(value);
  });
  tell(out, "http", "http.realm", realm);
  if (!is_page(head)) return;
  const auto title = title_of(head.body());
  if (!may_name_a_patient(title)) tell(out, "http", "http.title", title);
}

}  // namespace wardline::identity
