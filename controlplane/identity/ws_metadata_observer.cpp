#include <algorithm>
#include <array>

#include "controlplane/identity/http_head.h"
#include "controlplane/identity/observers.h"
#include "controlplane/identity/xml_elements.h"

namespace wardline::identity {
namespace {

struct Name {
  std::string_view element, attribute;
};

// ThisModel and ThisDevice (DPWS 1.1, 5.1).
constexpr std::array<Name, 6> kNames{{
    {"Manufacturer", "wsd.vendor"},
    {"ModelName", "wsd.model"},
    {"ModelNumber", "wsd.model_number"},
    {"FriendlyName", "wsd.name"},
    {"FirmwareVersion", "wsd.firmware"},
    {"SerialNumber", "wsd.serial"},
}};

// Of the submission of 2006 and of the standard. Other documents of the same server are not looked at.
constexpr std::string_view kFormerNameSpace = "http://schemas.xmlsoap.org/ws/2006/02/devprof";
constexpr std::string_view kNameSpace = "http://docs.oasis-open.org/ws-dd/ns/dpws/2009/01";

// `NAME/Domain:DOMAIN`, `NAME\Workgroup:GROUP`, and as others write it `NAME/Workgroup:GROUP` (MS-PBSD).
void tell_computer(std::string_view text, Observations& out) {
  const auto slash = text.find_first_of("/\\");
  if (slash == std::string_view::npos) return;
  tell(out, "wsd", "wsd.hostname", text.substr(0, slash));
  const auto group = text.substr(slash + 1);
  const auto colon = group.find(':');
  if (colon != std::string_view::npos) tell(out, "wsd", "wsd.workgroup", group.substr(colon + 1));
}

}  // namespace

void observe_ws_metadata(Bytes http_answer, const Speech&, Observations& out) {
  const auto head = HttpHead::read(as_text(http_answer));
  if (!head || !head->start_line().starts_with("HTTP/1.")) return;
  if (!head->body().contains(kFormerNameSpace) && !head->body().contains(kNameSpace)) return;
  XmlElements elements(head->body());
  for (XmlElement element; elements.next(element);) {
    const auto text = unescaped(element.text);
    const auto known = std::ranges::find(kNames, element.name, &Name::element);
    if (known != kNames.end()) tell(out, "wsd", known->attribute, text);
    if (element.name == "Computer") tell_computer(text, out);
  }
}

}  // namespace wardline::identity
