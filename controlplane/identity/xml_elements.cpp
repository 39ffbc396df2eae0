#include "controlplane/identity/xml_elements.h"

#include <utility>

namespace wardline::identity {
namespace {

constexpr std::string_view kNotAStart = "/?!";  // end tags, declarations, comments

}  // namespace

bool XmlElements::next(XmlElement& element) {
  for (;;) {
    const auto begin = rest_.find('<');
    if (begin == std::string_view::npos) return false;
    rest_.remove_prefix(begin + 1);
    const auto end = rest_.find('>');
    if (end == std::string_view::npos) return false;
    const auto tag = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    if (tag.empty() || kNotAStart.contains(tag.front())) continue;
    element.name = tag.substr(0, tag.find_first_of(" \t\r\n/"));
    element.name.remove_prefix(element.name.find(':') + 1);  // npos + 1 is 0
    const auto text_end = rest_.find('<');
    if (text_end == std::string_view::npos) return false;
    element.text = tag.ends_with('/') ? std::string_view{} : rest_.substr(0, text_end);
    return true;
  }
}

std::string unescaped(std::string_view text) {
  static constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
  std::string plain;
  while (!text.empty()) {
    char letter = text.front();
    std::size_t length = 1;
    for (const auto& [entity, meant] : kEntities) {
      if (!text.starts_with(entity)) continue;
      letter = meant;
      length = entity.size();
    }
    plain += letter;
    text.remove_prefix(length);
  }
  return plain;
}

}  // namespace wardline::identity
