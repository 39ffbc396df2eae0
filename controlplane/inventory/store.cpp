#include "controlplane/inventory/store.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "controlplane/inventory/schema.h"
#include "controlplane/inventory/store_impl.h"

namespace wardline::inventory {
namespace {

// With synchronous=NORMAL a committed transaction outlives the process; only a power cut may take the last ones.
constexpr const char* kSettings = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;";

// Stands beside a database of which check_records() found that it is damaged.
std::string mark_of(const std::string& path) {
  return path + ".set-aside";
}

Result<Database> open_database(const std::string& path, const StoreOptions& options) {
  const bool read_only = options.read_only;
  if (std::error_code fault; !read_only && std::filesystem::exists(mark_of(path), fault))
    return fail("store.damaged", path, "a look at all its records found it damaged");
  auto database = Database::open(path, read_only);
  Result<void> ready;
  if (!database) {
    ready = std::unexpected(database.error());
  } else if (read_only) {
    ready = check_schema(*database);
  } else {
    ready = database->execute(kSettings);
    if (ready) ready = prepare_schema(*database, options.check_records);
  }
  if (ready) return database;
  ready.error().where = path;
  return std::unexpected(ready.error());
}

// Renames the file and what SQLite keeps beside it, so that nothing of it can leak into the fresh one.
Result<std::string> set_aside(const std::string& path) {
  const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  const std::string base = fmt::format("{}.damaged-{:%Y%m%dT%H%M%SZ}", path, fmt::gmtime(now));
  std::string name = base;
  for (int i = 2; std::filesystem::exists(name) && i < 100; ++i) name = fmt::format("{}-{}", base, i);
  std::error_code failed;
  std::filesystem::rename(path, name, failed);
  if (failed) return fail("store.failed", path, "the damaged database cannot be set aside: " + failed.message());
  for (const char* suffix : {"-wal", "-shm"}) {
    std::error_code absent;  // there need be none
    std::filesystem::rename(path + suffix, name + suffix, absent);
  }
  return name;
}

bool of_no_use(const Error& error) {
  return error.code == "store.damaged" || error.code == "store.newer";
}

}  // namespace

std::string_view text_of(QuarantineState state) {
  switch (state) {
    case QuarantineState::kPending:
      return "pending";
    case QuarantineState::kActive:
      return "active";
    case QuarantineState::kRejected:
      return "rejected";
    case QuarantineState::kReleased:
      return "released";
    case QuarantineState::kExpired:
      return "expired";
  }
  return "unknown";
}

Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::string& path, const StoreOptions& options) {
  std::unique_ptr<Store> store(new Store);
  store->impl_ = std::make_unique<Impl>();
  store->impl_->options = options;
  auto database = open_database(path, options);
  if (!database && of_no_use(database.error()) && !options.read_only) {
    const auto aside = set_aside(path);
    if (!aside) return std::unexpected(aside.error());
    std::error_code absent;
    std::filesystem::remove(mark_of(path), absent);
    store->impl_->warnings.push_back(
        {database.error().code, path,
         fmt::format("{}. The file was set aside as {} and an empty inventory begun: devices are learned anew, "
                     "quarantines in force stay as the device slots have them",
                     database.error().what, *aside)});
    database = open_database(path, options);
  }
  if (!database) return std::unexpected(database.error());
  store->impl_->database = std::move(*database);
  return store;
}

Result<void> Store::check_records(const std::string& path) {
  auto database = Database::open(path, true);
  auto checked = database ? check_content(*database, true) : Result<void>(std::unexpected(database.error()));
  if (checked || checked.error().code != "store.damaged") return checked;
  const std::ofstream mark(mark_of(path));
  checked.error().where = path;
  checked.error().what += "; the next start sets the file aside and begins an empty inventory";
  return checked;
}

const std::vector<Error>& Store::warnings() const {
  return impl_->warnings;
}

Result<void> Store::begin() {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->in_batch) return {};
  auto begun = impl_->database.execute("BEGIN IMMEDIATE");
  impl_->in_batch = begun.has_value();
  return begun;
}

Result<void> Store::commit() {
  const std::lock_guard lock(impl_->mutex);
  if (!impl_->in_batch) return {};
  impl_->in_batch = false;
  auto committed = impl_->database.execute("COMMIT");
  if (!committed) {
    // A transaction that cannot be committed must not stay open, or every later batch would fail with it. It may be
    // gone already (a full disk rolls back by itself), so the answer does not matter.
    static_cast<void>(impl_->database.execute("ROLLBACK"));
    impl_->forget_cached();
  }
  return committed;
}

Result<void> Store::trim(WallTime now) {
  const std::lock_guard lock(impl_->mutex);
  const auto before = now - impl_->options.retention;
  auto done = impl_->age_history(before);
  return done ? impl_->age_conversations(before) : done;
}

void Store::Impl::forget_cached() {
  record_counts.reset();
  conversation_counts.reset();
  names.clear();
}

Result<Statement*> Store::Impl::statement(std::string_view sql) {
  if (const auto known = statements.find(sql); known != statements.end()) return &known->second;
  auto prepared = database.prepare(sql);
  if (!prepared) return std::unexpected(prepared.error());
  return &statements.emplace(sql, std::move(*prepared)).first->second;
}

}  // namespace wardline::inventory
