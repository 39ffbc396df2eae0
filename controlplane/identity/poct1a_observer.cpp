#include <string>

#include "controlplane/identity/observers.h"

namespace wardline::identity {
namespace {

struct Field {
  std::string_view element, attribute;
};

// CLSI POCT1-A2, device messaging layer: elements of the hello that name the device.
constexpr Field kFields[] = {
    {"<DEV.vendor_id", "poct1a.vendor"},
    {"<DEV.model_id", "poct1a.model"},
    {"<DEV.serial_id", "poct1a.serial"},
    {"<DEV.sw_version", "poct1a.firmware"},
};

// The attribute V of an element whose name starts at `element`, in quotes of either kind.
std::string_view value_of(std::string_view message, std::string_view element) {
  const auto at = message.find(element);
  if (at == std::string_view::npos) return {};
  auto rest = message.substr(at + element.size());
  rest = rest.substr(0, rest.find('>'));
  for (const char quote : {'"', '\''}) {
    const auto begin = rest.find(std::string(" V=") + quote);
    if (begin == std::string_view::npos) continue;
    const auto end = rest.find(quote, begin + 4);
    return end == std::string_view::npos ? std::string_view{} : rest.substr(begin + 4, end - begin - 4);
  }
  return {};
}

}  // namespace

// The hello alone (HEL.R01), and only as the first message: others hold results, and whose they are.
void observe_poct1a(Bytes payload, const Speech&, Observations& out) {
  auto message = as_text(payload);
  // Declarations (<?xml, <!DOCTYPE) may stand before it.
  auto root = message.find('<');
  while (root != std::string_view::npos && (message.substr(root, 2) == "<?" || message.substr(root, 2) == "<!"))
    root = message.find('<', root + 1);
  if (root == std::string_view::npos || !message.substr(root).starts_with("<HEL.R01")) return;
  message = message.substr(root);
  message = message.substr(0, message.find("</HEL.R01"));
  for (const auto& field : kFields) tell(out, "poct1a", field.attribute, value_of(message, field.element));
}

}  // namespace wardline::identity
