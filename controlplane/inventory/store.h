#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/inventory/class_hour.h"
#include "controlplane/inventory/class_server.h"
#include "controlplane/inventory/conversation.h"
#include "controlplane/inventory/device.h"
#include "controlplane/inventory/finding.h"
#include "controlplane/inventory/history.h"
#include "controlplane/inventory/store_options.h"
#include "dataplane/error.h"

namespace wardline::inventory {

// A person's consent, for a quarantine or for a policy. Two users are two rows.
struct Approval {
  std::string user;
  WallTime time{};
  std::string policy_hash;
  std::string subject;  // "quarantine q-12", "policy"
};

enum class QuarantineState : std::uint8_t { kPending, kActive, kRejected, kReleased, kExpired };
std::string_view text_of(QuarantineState state);  // pending | active | rejected | released | expired

// The life of one quarantine.
struct Quarantine {
  std::string id, device_id;
  std::string profile;  // contain | isolate | cut-off
  QuarantineState state = QuarantineState::kPending;
  std::string by;  // "automatic", or a user's name
  std::string reason;
  WallTime created{};
  std::optional<WallTime> until;
  std::vector<Approval> approvals;  // those whose subject is "quarantine <id>"; filled by load, saved by add_approval
};

// A record as it went out, with the fields one may ask for beside the JSON text.
struct StoredRecord {
  std::int64_t row = 0;  // order of arrival; given by the store
  std::string type;      // flow, violation, detection, finding, quarantine
  std::string id;
  WallTime time{};
  std::string device_id, verdict, rule;  // "" where it does not apply
  std::string json;                      // the whole record, one line
};

// Empty fields ask for nothing.
struct RecordFilter {
  // Each has an initialiser, so that callers may name only those they ask for.
  std::string type{}, id{}, device_id{}, verdict{}, rule{};
  std::optional<WallTime> since{};           // records of this time and later
  std::optional<std::int64_t> before_row{};  // to page on: the last row of the former answer
  std::size_t limit = 100;
};

using Conversations = std::map<ConversationKey, ConversationSums>;

// The appliance's own memory: one SQLite file. Calls from any thread are served one after the other. An error leaves
// the store usable; the caller logs it and goes on, since nothing here may stop enforcement.
class Store {
 public:
  // A file that is damaged, or of a newer schema, is set aside under a new name and a fresh one begun; warnings() says
  // so. ":memory:" for tests and replays. Fails when the folder cannot be written or another program holds the file.
  static Result<std::unique_ptr<Store>> open(const std::string& path, const StoreOptions& options = {});
  // Reads all of the file, which may take seconds, beside an open store. Where it is damaged (store.damaged) the next
  // open() sets it aside. Any thread.
  static Result<void> check_records(const std::string& path);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  const std::vector<Error>& warnings() const;  // of open(), for the log

  // Several writes as one transaction: begin() at the start of a drain, commit() at its end. Without them each write is
  // its own. Not nested; a second begin() does nothing. After a failed commit() nothing since begin() is kept.
  Result<void> begin();
  Result<void> commit();

  // Replaces what was known of that id. The slot is not kept: slots have their own memory. What became another goes
  // into the history under the time `changed`; without one, when the device was last seen.
  Result<void> save_device(const Device& device, std::optional<WallTime> changed = std::nullopt);
  Result<void> remove_device(const std::string& id);  // with its history and conversations
  Result<std::vector<Device>> load_devices();

  Result<void> save_quarantine(const Quarantine& quarantine);  // inserts or replaces by id; approvals are apart
  Result<std::vector<Quarantine>> load_quarantines();          // oldest first, approvals included

  // The same user, subject and policy hash again is kept once, with the first time. Who counts consents counts users.
  Result<void> add_approval(const Approval& approval);
  Result<std::vector<Approval>> load_approvals(const std::string& subject);  // "" = all; oldest first

  // Until when a person holds automatic quarantine of a device off. Inserts or replaces.
  Result<void> save_hold(const std::string& device_id, WallTime until);
  Result<std::map<std::string, WallTime>> load_holds(WallTime now);  // those that last beyond `now`

  Result<void> save_finding(const Finding& finding);  // inserts or replaces by id
  Result<void> remove_finding(const std::string& id);
  Result<std::vector<Finding>> load_findings();  // oldest first

  Result<void> save_class_hour(const ClassHour& hour);  // the first of a class and hour is kept
  Result<std::vector<ClassHour>> load_class_hours();
  Result<void> save_class_server(const ClassServer& server);  // the first of a class and application is kept
  Result<std::vector<ClassServer>> load_class_servers();

  // Adds to what is known of each.
  Result<void> add_conversations(const Conversations& conversations);
  Result<Conversations> load_conversations(const std::string& device_id);  // of one device

  Result<std::vector<Change>> load_changes(const std::string& device_id);  // of one device's history, newest first

  // Removes some of what is older than the retention, and what is beyond the bounds: call it once a minute.
  Result<void> trim(WallTime now);

  Result<void> append_record(const StoredRecord& record);
  Result<std::vector<StoredRecord>> list_records(const RecordFilter& filter);  // newest first

 private:
  Store() = default;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wardline::inventory
