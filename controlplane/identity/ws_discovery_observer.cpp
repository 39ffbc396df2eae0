#include <algorithm>
#include <array>
#include <optional>

#include "controlplane/identity/observers.h"
#include "controlplane/identity/xml_elements.h"
#include "dataplane/facts/wire_text.h"

namespace wardline::identity {
namespace {

constexpr int kMaxWords = 32;  // types or scopes looked at in one list

// Calls `take` for each word of a list that blanks part.
template <typename Take>
void for_each_word(std::string_view list, Take take) {
  constexpr std::string_view kBlank = " \t\r\n";
  for (int i = 0; i < kMaxWords; ++i) {
    list.remove_prefix(std::min(list.size(), list.find_first_not_of(kBlank)));
    if (list.empty()) return;
    const auto word = list.substr(0, list.find_first_of(kBlank));
    take(word);
    list.remove_prefix(word.size());
  }
}

int hex_value(char letter) {
  const char low = facts::lower(letter);
  if (facts::is_digit(low)) return low - '0';
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

// RFC 3986, 2.1. What is no escape stays as it is.
std::string without_escapes(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size();
    const int high = escape ? hex_value(text[i + 1]) : -1, low = escape ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return plain;
}

// A point of care may announce whose it is, in a scope `sdc.ctxt.pat:` (IEEE 11073-20701) or in words of its own.
// Nothing of a scope with such a word is kept, wherever the word stands and however it is written.
bool names_patient(std::string_view plain) {
  std::string low(plain);
  std::ranges::transform(low, low.begin(), facts::lower);
  return low.contains("patient") || low.contains("ctxt.pat");
}

struct Named {
  std::string_view key, attribute;
};

// ONVIF Core Specification, 7.3.2.2.
constexpr std::string_view kOnvif = "onvif://www.onvif.org/";
constexpr std::array<Named, 4> kOnvifScopes{
    {{"name", "wsd.name"}, {"hardware", "wsd.model"}, {"type", "wsd.kind"}, {"location", "wsd.location"}}};

void tell_onvif(std::string_view path, Observations& out) {
  const auto slash = path.find('/');
  if (slash == std::string_view::npos) return;
  const auto known = std::ranges::find(kOnvifScopes, path.substr(0, slash), &Named::key);
  if (known != kOnvifScopes.end()) tell(out, "wsd", known->attribute, without_escapes(path.substr(slash + 1)));
}

// IEEE 11073-20701: where the device stands, from facility to bed, as the query of a location's URI.
constexpr std::string_view kSdcLocation = "sdc.ctxt.loc:";
constexpr std::array<std::string_view, 7> kPlaces{"fac", "bldng", "bldg", "flr", "poc", "rm", "bed"};

void tell_place(std::string_view uri, Observations& out) {
  const auto question = uri.find('?');
  if (question == std::string_view::npos) return;
  std::string place;
  for (auto query = uri.substr(question + 1); !query.empty();) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const auto key = pair.substr(0, pair.find('='));
    if (key.size() + 1 < pair.size() && std::ranges::count(kPlaces, key) > 0) add_word(place, without_escapes(pair));
  }
  tell(out, "wsd", "wsd.location", place);
}

// Only scopes of a known meaning are kept, since a scope may be anything.
void tell_scope(std::string_view scope, Observations& out) {
  if (names_patient(without_escapes(scope))) return;
  if (scope.starts_with(kOnvif)) tell_onvif(scope.substr(kOnvif.size()), out);
  if (scope.starts_with(kSdcLocation)) tell_place(scope, out);
}

// The prefix of a type's name space is each device's own choice.
void tell_type(std::string_view type, Observations& out) {
  type.remove_prefix(type.find(':') + 1);  // npos + 1 is 0
  tell(out, "wsd", "wsd.type", type);
}

}  // namespace

// WS-Discovery 1.1, 4.1, 5.3 and 6.3. The types and scopes of a Probe are what it looks for, and another's.
void observe_ws_discovery(Bytes payload, const Speech&, Observations& out) {
  constexpr std::array<std::string_view, 3> kOwn{"Hello", "ProbeMatches", "ResolveMatches"};
  bool own = false;
  XmlElements elements(as_text(payload));
  for (XmlElement element; elements.next(element);) {
    own = own || std::ranges::count(kOwn, element.name) > 0;
    if (!own) continue;
    if (element.name == "Types") for_each_word(element.text, [&](std::string_view type) { tell_type(type, out); });
    if (element.name == "Scopes")
      for_each_word(unescaped(element.text), [&](std::string_view scope) { tell_scope(scope, out); });
  }
}

}  // namespace wardline::identity
