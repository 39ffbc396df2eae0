#include "controlplane/replay/replay.h"

#include <algorithm>

#include "controlplane/policy/policy.h"
#include "controlplane/replay/device_side.h"
#include "controlplane/replay/lock_step.h"
#include "dataplane/packet/packet_view.h"

namespace wardline::replay {
namespace {

// Which leg the frames of all captures come in by, and when each capture begins.
struct LookAhead {
  DeviceSide sides;
  std::vector<Tick> begins;  // by capture; 0 where it has no frame
};

Result<LookAhead> look_ahead(const Options& options, std::vector<std::string>& warnings) {
  auto sides = DeviceSide::from_option(options.device_side);
  if (!sides) return std::unexpected(sides.error());
  LookAhead ahead{std::move(*sides), {}};
  for (const auto& path : options.captures) {
    auto reader = CaptureReader::open(path);
    if (!reader) return std::unexpected(reader.error());
    Tick begin = 0;
    while (const auto frame = reader->next()) {
      if (reader->frames() == 1) begin = frame->time;
      ahead.sides.look_ahead(packet::parse(frame->bytes));
    }
    ahead.begins.push_back(begin);
    if (!reader->warning().empty()) warnings.push_back(reader->warning());
  }
  return ahead;
}

Result<void> feed(const std::string& path, const DeviceSide& sides, LockStep& step) {
  auto reader = CaptureReader::open(path);
  if (!reader) return std::unexpected(reader.error());
  while (const auto frame = reader->next()) step.feed(*frame, sides.side_of(packet::parse(frame->bytes)));
  return {};
}

}  // namespace

std::expected<Outcome, Errors> run(const Options& options, const Sink& sink) {
  Outcome outcome;
  const auto ahead = look_ahead(options, outcome.warnings);
  if (!ahead) return std::unexpected(Errors{ahead.error()});
  const Tick first = ahead->begins.empty() ? 0 : ahead->begins.front();
  auto step = LockStep::open(options, first, sink);
  if (!step) return std::unexpected(std::move(step.error()));
  for (std::size_t i = 0; i < options.captures.size(); ++i) {
    (*step)->begin_capture(ahead->begins[i]);
    if (auto fed = feed(options.captures[i], ahead->sides, **step); !fed) return std::unexpected(Errors{fed.error()});
  }
  auto summary = (*step)->finish();
  if (!summary) return std::unexpected(Errors{summary.error()});
  outcome.summary = std::move(*summary);
  outcome.policy_hash = (*step)->policy().hash;
  outcome.site = (*step)->policy().site;
  for (const auto& warning : (*step)->policy().warnings) outcome.warnings.push_back(warning.text());
  return outcome;
}

}  // namespace wardline::replay
