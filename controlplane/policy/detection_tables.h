#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "controlplane/policy/draft.h"

namespace wardline::policy {

// What every detection does, by signature: tables that classes share where they say the same. Table 0 is the site's.
class DetectionTables {
 public:
  using Table = std::vector<enforce::DetectionAction>;

  DetectionTables(const SignatureSet& signatures, std::span<const DetectionDraft> site);
  // The number of the table of a class that says this before the site does.
  std::uint16_t table_of(std::span<const DetectionDraft> own);
  std::vector<Table> take() { return std::move(tables_); }

 private:
  const SignatureSet& signatures_;
  std::span<const DetectionDraft> site_;
  std::vector<Table> tables_;
};

// The class's list, then the site's, first match wins; then what the signature's author proposes; then `alert`.
enforce::DetectionAction action_of(const SignatureText& text, std::span<const DetectionDraft> own,
                                   std::span<const DetectionDraft> site);

}  // namespace wardline::policy
