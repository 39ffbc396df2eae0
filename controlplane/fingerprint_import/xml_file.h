#pragma once
#include <cstdint>
#include <pugixml.hpp>
#include <string>
#include <vector>

#include "dataplane/error.h"

namespace wardline::fingerprint_import {

// A file of XML from outside. A document type is refused, so no entity of its own and no other file is ever read.
class XmlFile {
 public:
  // The error names `file`, line and column.
  static Result<XmlFile> parse(const std::string& text, const std::string& file);

  pugi::xml_node root() const { return document_.document_element(); }
  std::uint32_t line_of(const pugi::xml_node& node) const;

 private:
  pugi::xml_document document_;
  std::vector<std::size_t> line_ends_;  // offsets of the newlines
};

}  // namespace wardline::fingerprint_import
