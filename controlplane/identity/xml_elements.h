#pragma once
#include <string>
#include <string_view>

namespace wardline::identity {

// An element's start: its name without the prefix of its name space, and the text up to the next tag.
struct XmlElement {
  std::string_view name, text;
};

// Walks the start tags of a document in their order. No parser: depth, attributes and name spaces are not looked at,
// and whatever is no tag is passed over. An element whose text is cut off ends the walk.
class XmlElements {
 public:
  explicit XmlElements(std::string_view document) : rest_(document) {}
  bool next(XmlElement& element);

 private:
  std::string_view rest_;
};

// With the five predefined entities (XML 1.0, 4.6) replaced; others stay as they are.
std::string unescaped(std::string_view text);

}  // namespace wardline::identity
