#include "controlplane/replay/replay.h"

#include <algorithm>
#include <iterator>
#include <memory>

#include "controlplane/policy/policy.h"
#include "controlplane/replay/device_side.h"
#include "controlplane/replay/legs.h"
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

Result<void> feed_capture(const std::string& path, const DeviceSide& sides, LockStep& step) {
  auto reader = CaptureReader::open(path);
  if (!reader) return std::unexpected(reader.error());
  while (const auto frame = reader->next()) step.feed(*frame, 0, sides.side_of(packet::parse(frame->bytes)));
  return {};
}

using Stepped = std::expected<std::unique_ptr<LockStep>, Errors>;

Stepped feed_captures(const Options& options, const Sink& sink, std::vector<std::string>& warnings) {
  const auto ahead = look_ahead(options, warnings);
  if (!ahead) return std::unexpected(Errors{ahead.error()});
  auto step = LockStep::open(options, ahead->begins.empty() ? 0 : ahead->begins.front(), sink);
  for (std::size_t i = 0; step && i < options.captures.size(); ++i) {
    (*step)->begin_capture(ahead->begins[i]);
    if (auto fed = feed_capture(options.captures[i], ahead->sides, **step); !fed)
      return std::unexpected(Errors{fed.error()});
  }
  return step;
}

Stepped feed_bundles(const Options& options, const Sink& sink, std::vector<std::string>& warnings) {
  auto legs = Legs::open(options.bundles);
  if (!legs) return std::unexpected(Errors{legs.error()});
  auto received = legs->next();
  auto step = LockStep::open(options, received ? received->frame.time : 0, sink);
  for (; step && received; received = legs->next()) (*step)->feed(received->frame, received->bundle, received->side);
  std::ranges::move(legs->warnings(), std::back_inserter(warnings));
  return step;
}

}  // namespace

std::expected<Outcome, Errors> run(const Options& options, const Sink& sink) {
  Outcome outcome;
  auto step = options.bundles.empty() ? feed_captures(options, sink, outcome.warnings)
                                      : feed_bundles(options, sink, outcome.warnings);
  if (!step) return std::unexpected(std::move(step.error()));
  auto summary = (*step)->finish();
  if (!summary) return std::unexpected(Errors{summary.error()});
  outcome.summary = std::move(*summary);
  outcome.policy_hash = (*step)->policy().hash;
  outcome.site = (*step)->policy().site;
  for (const auto& warning : (*step)->policy().warnings) outcome.warnings.push_back(warning.text());
  return outcome;
}

}  // namespace wardline::replay
