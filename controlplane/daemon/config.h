#pragma once
#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "controlplane/alerts/target.h"
#include "controlplane/inventory/store_options.h"
#include "dataplane/error.h"
#include "dataplane/runtime/options.h"

namespace wardline::daemon {

// wardlined.yaml: the appliance's own settings, which are no policy. docs/operations.md describes every key.
struct Config {
  std::string name = "wardline";
  std::string policy;                       // directory
  std::string state = "/var/lib/wardline";  // folder: inventory and compiled signatures
  std::string slots;                        // file on a tmpfs that outlives the process
  std::string vendors = "/usr/share/ieee-data";  // folder of the registries of MAC prefixes
  std::string control_socket = "/run/wardline/wardlined.sock";
  bool automatic_reload = false;  // of a clean git work tree whose HEAD moved
  runtime::RuntimeOptions ports;
  std::uint32_t flows_v4 = 262144, flows_v6 = 65536, undecided_flows = 16384;       // of each worker
  std::uint32_t inspected_flows = 16384, fragments = 1024, watched_devices = 4096;  // likewise
  std::uint32_t devices = 16384;
  std::uint32_t flow_report_seconds = 300;  // how often a long flow is told
  bool offload = false;                     // cards forward decided bulk flows by themselves, where they can
  bool prefault = false;                    // take all memory at the start, and keep it
  std::chrono::seconds register_silent{0};  // silence of a device of the register that is a finding; 0: none is
  inventory::StoreOptions inventory;
  std::vector<alerts::Target> alerts;
};

// All problems of the file at file:line:column.
std::expected<Config, Errors> load_config(const std::string& path);

}  // namespace wardline::daemon
