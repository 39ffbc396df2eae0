// The reader of expressions: no text makes it fail, what it gives is of a size that can be searched for, and a match
// that may be empty begins with any byte.
#include <cstdint>
#include <cstdlib>

#include "dataplane/classify/literal.h"
#include "dataplane/classify/start.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const bool caseless : {false, true}) {
    for (const bool search : {caseless, true})
      for (const auto& literal : wardline::classify::required_literals(text, {caseless, search}))
        if (literal.size() < wardline::classify::kShortestLiteral || literal.size() > 256) std::abort();
    const auto start = wardline::classify::start_of(text, caseless);
    if (start.shortest == 0 && !start.at[0].all()) std::abort();
  }
  return 0;
}
