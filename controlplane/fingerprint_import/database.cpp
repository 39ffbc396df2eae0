#include "controlplane/fingerprint_import/database.h"

#include <fmt/format.h>

#include <array>

#include "controlplane/fingerprint_import/p0f.h"
#include "controlplane/fingerprint_import/recog.h"
#include "controlplane/fingerprint_import/satori.h"
#include "controlplane/fingerprint_import/xml_file.h"
#include "controlplane/inventory/text.h"

namespace wardline::fingerprint_import {
namespace {

constexpr std::size_t kMaxBytes = 4U << 20U, kMaxEntries = 50'000;
constexpr std::array<std::string_view, 3> kWords{"satori", "recog", "p0f"};

Result<Database> read_xml(const std::string& text, const std::string& file) {
  auto xml = XmlFile::parse(text, file);
  if (!xml) return std::unexpected(xml.error());
  const auto root = inventory::clean_text(xml->root().name());
  if (root == "DHCP") return Database{Format::kSatori, read_satori(*xml)};
  if (root == "fingerprints") return Database{Format::kRecog, read_recog(*xml)};
  return fail("fingerprint.format", fmt::format("{}:{}:1", file, xml->line_of(xml->root())),
              fmt::format("expected <DHCP> of Satori's dhcp.xml or <fingerprints> of Recog, found <{}>", root));
}

}  // namespace

std::string_view word_of(Format format) {
  return kWords[static_cast<std::size_t>(format)];
}

std::optional<Format> format_of(std::string_view word) {
  for (std::size_t i = 0; i < kWords.size(); ++i)
    if (kWords[i] == word) return static_cast<Format>(i);
  return std::nullopt;
}

Result<Database> read_database(const std::string& text, const std::string& file, std::optional<Format> expected) {
  if (text.size() > kMaxBytes)
    return fail("fingerprint.size", file,
                fmt::format("expected at most {} bytes, found {}: import it in parts", kMaxBytes, text.size()));
  const auto first = text.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  const bool xml = first != std::string::npos && text[first] == '<';
  auto database = xml ? read_xml(text, file) : Result<Database>(Database{Format::kP0f, read_p0f(text)});
  if (!database) return database;
  if (expected && *expected != database->format)
    return fail("fingerprint.format", file,
                fmt::format("expected a database of {}, found the form of {}: leave --format out, or name that one",
                            word_of(*expected), word_of(database->format)));
  if (database->entries.empty())
    return fail("fingerprint.empty", file, "there is no fingerprint of Satori, Recog or p0f in it");
  if (database->entries.size() > kMaxEntries)
    return fail("fingerprint.size", file,
                fmt::format("expected at most {} entries, found {}: import it in parts", kMaxEntries,
                            database->entries.size()));
  return database;
}

}  // namespace wardline::fingerprint_import
