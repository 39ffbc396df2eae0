#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/cli/answers.h"

// The commands, one file a noun. Each prints its answer and returns what the program ends with.
namespace wardline::cli {

// --- devices.cpp ---
ExitCode device_list(const Context& context);
ExitCode device_show(const Context& context, const std::string& device);
ExitCode hold(const Context& context, const std::string& device, std::uint64_t seconds);

// --- flows.cpp ---
struct ListOptions {
  std::string device;
  std::uint64_t limit = 100;
};
ExitCode flow_list(const Context& context, const ListOptions& options);
ExitCode violation_list(const Context& context, const ListOptions& options);
ExitCode explain(const Context& context, const std::string& device, const std::string& flow);

// --- quarantines.cpp ---
struct QuarantineOptions {
  std::string device, profile = "contain", reason;
  std::uint64_t seconds = 0;  // 0: until it is released
};
ExitCode quarantine_add(const Context& context, const QuarantineOptions& options);
ExitCode quarantine_list(const Context& context, bool all);
ExitCode quarantine_change(const Context& context, const std::string& verb, const std::string& id);

// --- findings.cpp ---
struct FindingOptions {
  std::string device, kind, state, severity;  // "" asks for nothing
};
ExitCode finding_list(const Context& context, const FindingOptions& options);
// `seconds` 0: until what was found is over.
ExitCode finding_acknowledge(const Context& context, const std::string& id, const std::string& note,
                             std::uint64_t seconds);
ExitCode finding_docs();

// --- status.cpp ---
ExitCode status(const Context& context);

// --- top.cpp ---
struct TopOptions {
  std::uint64_t interval = 2, count = 0;  // seconds; 0: until a signal ends it
};
ExitCode top(const Context& context, const TopOptions& options);

// --- trace.cpp ---
struct TraceOptions {
  std::string from, to;
  std::uint16_t port = 0;  // 0: any
  bool live = false;
  std::uint64_t seconds = 10;  // how long to watch
};
ExitCode trace(const Context& context, const TraceOptions& options);

// --- policy.cpp ---
ExitCode policy_check(const Context& context, const std::string& directory);
ExitCode policy_schema(const std::string& word);
ExitCode policy_docs(const std::string& directory, const std::string& page);
ExitCode policy_reload(const Context& context, const std::string& directory);

// --- signature.cpp ---
ExitCode signature_import(const Context& context, const std::string& rules, const std::string& out);

// --- fingerprint.cpp ---
// `format` "": what the file shows itself.
ExitCode fingerprint_import(const Context& context, const std::string& database, const std::string& format,
                            const std::string& out);

// --- assets.cpp ---
struct AssetImportOptions {
  std::string export_file, map;
  std::string into, out;  // at most one; neither: nothing is written
  bool dry_run = false;
  bool skip_conflicts = false;  // lines that may be several entries are left out, and the others written
};
ExitCode asset_import(const Context& context, const AssetImportOptions& options);
struct AssetReplaceOptions {
  std::string old, mac, serial, ticket, directory;
  bool dry_run = false;
};
ExitCode asset_replace(const Context& context, const AssetReplaceOptions& options);

// --- places.cpp ---
struct PlaceImportOptions {
  std::string file, map;
  std::string kind;  // switch-table | radius
  bool dry_run = false;
};
ExitCode place_import(const Context& context, const PlaceImportOptions& options);

// --- report.cpp ---
struct ReportOptions {
  std::string question, database, policy, table;
  std::string form;           // csv | html; "": text, or JSON where the context says so
  std::uint64_t seconds = 0;  // of --since; 0: all
  std::size_t top = 5, limit = 200'000;
};
ExitCode report(const Context& context, const ReportOptions& options);
// Ends with 1 where the register and the wire differ.
ExitCode asset_diff(const Context& context, const ReportOptions& options);

// --- capture.cpp ---
struct CaptureOptions {
  std::string filter, out;  // `out` "": a name made of the time, in the current folder
  std::uint64_t seconds = 0;
  std::uint64_t limit = 100'000, snap = 128;
};
ExitCode capture_frames(const Context& context, const CaptureOptions& options);

// --- replay.cpp ---
struct ReplayOptions {
  std::string policy, device_side, mode, out, inventory, cache, register_silent;
  std::vector<std::string> captures;
  std::vector<std::string> bundles;  // NAME:DEVICE_LEG,CORE_LEG
  std::uint32_t devices = 16'384;
};
ExitCode replay_captures(const Context& context, const ReplayOptions& options);

}  // namespace wardline::cli
