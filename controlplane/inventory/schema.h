#pragma once
#include "controlplane/inventory/database.h"

namespace wardline::inventory {

inline constexpr int kSchemaVersion = 1;

// Brings the database to this program's schema. store.newer when a later program wrote it, store.damaged when its
// content cannot be trusted.
Result<void> prepare_schema(Database& database);

// For a reader: the schema is this program's, or an error.
Result<void> check_schema(Database& database);

}  // namespace wardline::inventory
