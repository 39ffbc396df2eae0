#pragma once
#include "controlplane/inventory/database.h"

namespace wardline::inventory {

inline constexpr int kSchemaVersion = 4;

// Whether the content can be trusted; store.damaged when not. Without `records` only the tables that a start reads are
// looked at: records and conversations are nearly all of a full inventory, and reading half a gigabyte takes seconds.
Result<void> check_content(Database& database, bool records);

// Brings the database of this or an earlier program to this program's schema, wholly or not at all. store.newer when a
// later program wrote it, store.damaged as above.
Result<void> prepare_schema(Database& database, bool check_records);

// For a reader: the schema is this program's, or an error.
Result<void> check_schema(Database& database);

}  // namespace wardline::inventory
