// Files of comma-separated values: the table is whole, or it is told why there is none.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "controlplane/assets/csv_table.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  wardline::Errors errors;
  const auto table = wardline::assets::read_csv({reinterpret_cast<const char*>(data), size}, "fuzz.csv", errors);
  if (table.has_value() != errors.empty()) __builtin_trap();
  if (!table) return 0;
  for (const auto& row : table->rows)
    if (row.size() != table->header.size()) __builtin_trap();
  return 0;
}
