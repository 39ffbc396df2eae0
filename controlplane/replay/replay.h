#pragma once
#include <chrono>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/records/record.h"
#include "controlplane/replay/bundle.h"
#include "dataplane/enforce/snapshot.h"
#include "dataplane/error.h"

namespace wardline::replay {

struct Options {
  std::string policy = {};                 // directory
  std::string device_side = "auto";        // see device_side.h
  std::vector<std::string> captures = {};  // one after the other, on one worker; none where there are bundles
  std::vector<Bundle> bundles = {};        // side by side, a worker each; `device_side` is not asked
  std::string out = {};                    // pcap of what was forwarded; "" = none
  std::string cache_folder = {};           // of compiled signatures; "" = none
  std::string inventory = {};              // SQLite file to make, as the daemon keeps one; "" = in memory alone
  std::optional<enforce::Mode> mode = {};  // instead of the policy's
  std::uint32_t devices = 16'384;          // slots: enough for any capture of one ward
  std::chrono::seconds register_silent{};  // as of wardlined.yaml
  std::size_t batch = 1;  // frames a burst, at most Batch::kMaxFrames. More than 1: devices are known later
};

struct Outcome {
  records::SummaryFacts summary;
  std::string policy_hash, site;
  std::vector<std::string> warnings;  // of captures that could be read in part only, and of the policy
};

// Gets one JSON record, without the newline. Valid during the call.
using Sink = std::function<void(std::string_view type, std::string_view json)>;

// Drives the real worker with the captures' clock and the real control plane in lock step: after each burst events are
// drained and slot words apply. Gives the same records for the same captures every time; the last one is the summary.
// Wall time is the captures' time. A capture that begins before the end of the one before is moved behind it; those of
// bundles keep their times.
//
// One thread, nothing on disk but `out`, the cache and the inventory. Errors: every problem of the policy, or one of
// the input.
std::expected<Outcome, Errors> run(const Options& options, const Sink& sink);

}  // namespace wardline::replay
