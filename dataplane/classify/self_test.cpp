#include <string_view>

#include "dataplane/classify/engine.h"

namespace wardline::classify {
namespace {

// Literals that share prefixes and runs of one byte: the shape on which the literal API of Hyperscan 5.4.0 finds
// nothing (its issue 303). As regular expressions they must all be found.
constexpr std::array<std::string_view, 5> kLiterals{"aaaaaaaab", "aaaaaaaa", "aaaaaaaac", "abaaaaaaaa", "baaaaaaab"};
constexpr std::string_view kText = "xxaaaaaaaabaaaaaaaacabaaaaaaaaxbaaaaaaabaaaaaaaaaaaab";

std::size_t count_by_hand() {
  std::size_t count = 0;
  for (const auto literal : kLiterals)
    for (auto at = kText.find(literal); at != std::string_view::npos; at = kText.find(literal, at + 1)) ++count;
  return count;
}

int count_match(unsigned int, unsigned long long, unsigned long long, unsigned int, void* context) {
  ++*static_cast<std::size_t*>(context);
  return 0;
}

}  // namespace

Result<void> self_test() {
  if (hs_valid_platform() != HS_SUCCESS)
    return fail("signature.processor", "",
                "expected a processor with SSSE3, found one without: Hyperscan cannot run here");
  std::array<const char*, kLiterals.size()> expressions{};
  std::array<unsigned int, kLiterals.size()> flags{}, ids{};
  for (std::size_t i = 0; i < kLiterals.size(); ++i) {
    expressions[i] = kLiterals[i].data();
    flags[i] = HS_FLAG_DOTALL;
    ids[i] = static_cast<unsigned int>(i);
  }
  hs_database_t* database = nullptr;
  hs_compile_error_t* fault = nullptr;
  if (hs_compile_multi(expressions.data(), flags.data(), ids.data(), kLiterals.size(), HS_MODE_BLOCK, nullptr,
                       &database, &fault) != HS_SUCCESS) {
    hs_free_compile_error(fault);
    return fail("signature.engine", "", "Hyperscan does not compile a known set of patterns: install another version");
  }
  const DatabasePtr owner(database);
  hs_scratch_t* scratch = nullptr;
  const bool ready = hs_alloc_scratch(database, &scratch) == HS_SUCCESS;
  const ScratchPtr scratch_owner(scratch);
  std::size_t found = 0;
  const auto answer = ready ? hs_scan(database, kText.data(), kText.size(), 0, scratch, count_match, &found) : HS_NOMEM;
  if (answer != HS_SUCCESS || found != count_by_hand())
    return fail("signature.engine", "",
                "expected " + std::to_string(count_by_hand()) + " matches of a known set, found " +
                    std::to_string(found) + " (Hyperscan " + hs_version() + ", answer " + std::to_string(answer) +
                    "): install another version");
  return {};
}

}  // namespace wardline::classify
