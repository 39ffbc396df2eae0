#include "controlplane/fingerprint_import/xml_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace wardline::fingerprint_import {
namespace {

std::uint32_t lines_before(const std::vector<std::size_t>& line_ends, std::size_t offset) {
  return static_cast<std::uint32_t>(std::ranges::lower_bound(line_ends, offset) - line_ends.begin());
}

}  // namespace

Result<XmlFile> XmlFile::parse(const std::string& text, const std::string& file) {
  XmlFile xml;
  for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) xml.line_ends_.push_back(at);
  const auto place = [&](std::ptrdiff_t at) {
    const auto offset = std::min(static_cast<std::size_t>(std::max<std::ptrdiff_t>(at, 0)), text.size());
    const auto line = lines_before(xml.line_ends_, offset);
    const auto begin = line == 0 ? 0 : xml.line_ends_[line - 1] + 1;
    return fmt::format("{}:{}:{}", file, line + 1, offset - begin + 1);
  };
  const auto done = xml.document_.load_buffer(text.data(), text.size(), pugi::parse_default | pugi::parse_doctype,
                                              pugi::encoding_utf8);
  if (!done)
    return fail("fingerprint.xml", place(done.offset),
                fmt::format("expected XML, found a fault ({}): get the file anew", done.description()));
  for (const auto& node : xml.document_)
    if (node.type() == pugi::node_doctype)
      return fail("fingerprint.xml", place(node.offset_debug()),
                  "expected no document type, found one: entities of a file's own are not read, take it out");
  return xml;
}

std::uint32_t XmlFile::line_of(const pugi::xml_node& node) const {
  return lines_before(line_ends_, static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug(), 0))) + 1;
}

}  // namespace wardline::fingerprint_import
