#include <algorithm>
#include <array>
#include <utility>

#include "controlplane/identity/http_head.h"
#include "controlplane/identity/observers.h"
#include "controlplane/identity/xml_elements.h"

namespace wardline::identity {
namespace {

struct Name {
  std::string_view element, attribute;
};
constexpr std::array<Name, 5> kNames{{
    {"friendlyName", "upnp.name"},
    {"manufacturer", "upnp.vendor"},
    {"modelName", "upnp.model"},
    {"modelNumber", "upnp.model_number"},
    {"serialNumber", "upnp.serial"},
}};

// The name space of a description. Other documents of the same server are not looked at.
constexpr std::string_view kNameSpace = "urn:schemas-upnp-org:device-1-0";

}  // namespace

// The root device stands first, devices within it repeat its elements: the first of each counts.
void observe_device_description(Bytes http_answer, const Speech&, Observations& out) {
  const auto head = HttpHead::read(as_text(http_answer));
  if (!head || !head->start_line().starts_with("HTTP/1.") || !head->body().contains(kNameSpace)) return;
  std::array<bool, kNames.size()> told{};
  XmlElements elements(head->body());
  for (XmlElement element; elements.next(element);) {
    const auto known = std::ranges::find(kNames, element.name, &Name::element);
    if (known == kNames.end()) continue;
    auto& before = told[static_cast<std::size_t>(known - kNames.begin())];
    if (!std::exchange(before, true)) tell(out, "upnp", known->attribute, unescaped(element.text));
  }
}

}  // namespace wardline::identity
