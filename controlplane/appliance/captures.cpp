// Live captures: one at a time, asked for by a person, told in a record when it starts and when it ends. Frames wait in
// the workers' rings until the client polls for them, so nothing grows here.
#include <fmt/format.h>

#include <algorithm>

#include "controlplane/appliance/request.h"
#include "controlplane/appliance/state.h"
#include "controlplane/capture/filter_text.h"
#include "controlplane/records/time_text.h"

namespace wardline::appliance {

using capture::CapturedFrame;
using capture::End;
using capture::Fate;
using capture::LiveCapture;

namespace {

constexpr std::size_t kFramesOfAPoll = 1000;

std::string hex_of(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::byte byte : bytes)
    for (const unsigned half : {std::to_integer<unsigned>(byte) >> 4, std::to_integer<unsigned>(byte) & 15U})
      text += "0123456789abcdef"[half];
  return text;
}

Json frame_of(const CapturedFrame& frame, std::size_t snap, WallTime time, std::string comment) {
  const auto headers = std::span(frame.bytes).first(std::min<std::size_t>(frame.length, snap));
  return {{"time", time.time_since_epoch().count()},
          {"bundle", frame.bundle},
          {"pair", frame.pair},
          {"side", frame.side == Side::kDevice ? "device" : "core"},
          {"direction", capture::leaves(frame.fate) ? "out" : "in"},
          {"wire_length", frame.wire_length},
          {"headers", hex_of(headers)},
          {"comment", std::move(comment)}};
}

std::string fate_of(const CapturedFrame& frame) {
  switch (frame.fate) {
    case Fate::kForwarded:
      return "forwarded";
    case Fate::kDropped:
      return fmt::format("dropped: {}", name_of(frame.reason));
    case Fate::kHeld:
      return "held";
    case Fate::kReleased:
      return "forwarded, after it was held";
    case Fate::kCreated:
      return "created";
    case Fate::kNotSent:
      return fmt::format("dropped: {}, on its way out", name_of(frame.reason));
  }
  return "";
}

// What is wrong with a wish; "" where nothing is.
std::string why_not(const capture::Wish& wish) {
  if (wish.seconds == 0 || wish.seconds > capture::kLongestCapture)
    return fmt::format("`for_seconds` is {}; expected 1 to {}", wish.seconds, capture::kLongestCapture);
  if (wish.limit == 0 || wish.limit > capture::kMostFrames)
    return fmt::format("`limit` is {} frames; expected 1 to {}", wish.limit, capture::kMostFrames);
  if (wish.snap < capture::kLeastSnap || wish.snap > capture::Headers::kMost)
    return fmt::format("`snap` is {} bytes; expected {} to {}: headers are all that is taken", wish.snap,
                       capture::kLeastSnap, capture::Headers::kMost);
  return "";
}

Json start(Appliance::Impl& impl, const Json& request, std::string_view user) {
  capture::Wish wish{.user = std::string(user), .filter = text_in(request, "filter")};
  wish.seconds = number_in(request, "for_seconds", 0);
  wish.limit = number_in(request, "limit", wish.limit);
  wish.snap = number_in(request, "snap", wish.snap);
  if (auto problem = why_not(wish); !problem.empty()) return bad(std::move(problem));
  auto filter = capture::read_filter(wish.filter);
  if (!filter) return refusal(filter.error(), 2);
  if (impl.capturing) {
    const auto& other = impl.capturing->live->wish();
    return refusal({"capture.busy", impl.capturing->id,
                    fmt::format("{} captures \"{}\" since {}, for {} s at most; one runs at a time, so try again then",
                                other.user, other.filter, records::text_of(impl.capturing->since), other.seconds)},
                   1);
  }
  std::vector<capture::Tap*> taps;
  for (const auto& source : impl.sources)
    if (source.tap != nullptr) taps.push_back(source.tap);
  auto& made = impl.capturing.emplace();
  made.id = impl.new_id("c");
  made.since = impl.wall;
  made.live =
      std::make_unique<LiveCapture>(std::move(wish), std::move(*filter), std::move(taps), impl.publisher, impl.now);
  impl.tell_capture("started");
  return {{"ok", true}, {"capture", {{"id", made.id}}}};
}

Json poll(Appliance::Impl& impl, const Json& request, std::string_view user) {
  const auto id = text_in(request, "id");
  if (!impl.capturing || impl.capturing->id != id)
    return refusal({"capture.unknown", id,
                    "no such capture runs; one ends when nothing is asked of it for " +
                        std::to_string(LiveCapture::kPatience / kSecond) + " s"},
                   1);
  auto& live = *impl.capturing->live;
  if (live.wish().user != user)
    return refusal({"capture.other-user", id, fmt::format("it is a capture of {}", live.wish().user)}, 4);
  live.watch(impl.now);
  if (request.value("stop", Json(false)) == Json(true)) live.end(End::kStopped);
  const bool settled = live.settled();  // before the rings are looked at: then nothing comes behind the look
  Json frames = Json::array();
  for (const auto& frame : live.take(kFramesOfAPoll, impl.now))
    frames.push_back(frame_of(frame, live.wish().snap, impl.wall_of(frame.time), impl.comment_of(frame)));
  const bool over = settled && live.empty();
  Json answer{{"ok", true},
              {"frames", std::move(frames)},
              {"ended", over ? Json(capture::text_of(live.ended())) : Json(nullptr)},
              {"not_written", over ? live.wanted() - live.taken() : 0}};
  if (over) impl.tell_capture("ended");
  return answer;
}

}  // namespace

// What became of a frame and, where it has a flow, how that stands and by which rule.
std::string Appliance::Impl::comment_of(const CapturedFrame& frame) const {
  auto text = fate_of(frame);
  if (!frame.in_flow) return text;
  text += fmt::format("; flow: {}", enforce::kVerdictNames[static_cast<std::size_t>(frame.verdict)]);
  if (frame.flow_reason != Reason::kNone) text += fmt::format(" ({})", name_of(frame.flow_reason));
  const auto* policy = names.at(frame.policy_epoch);
  if (policy != nullptr && frame.rule < policy->rules.size()) {
    const auto& rule = policy->rules[frame.rule];
    return text + fmt::format(", rule {} ({})", rule.name, rule.at.line_text());
  }
  return text + fmt::format(", step {}", enforce::kStepNames[static_cast<std::size_t>(frame.step)]);
}

// An end is told once, and frees the capture; no worker reads it any more then.
void Appliance::Impl::tell_capture(std::string_view state) {
  const auto& live = *capturing->live;
  const bool over = state == "ended";
  const auto head = records::head_of("capture", capturing->id, wall, options.name, in_force(), nullptr);
  const auto until = capturing->since + std::chrono::seconds(live.wish().seconds);
  emit(head,
       records::capture_record(head, {.state = std::string(state),
                                      .by = live.wish().user,
                                      .filter = live.wish().filter,
                                      .until = until,
                                      .reason = std::string(capture::text_of(live.ended())),
                                      .frames = live.taken(),
                                      .not_written = over ? live.wanted() - live.taken() : 0}),
       "", "");
  if (over) capturing.reset();
}

// Ends what its time or its client has left; one that nobody takes the rest of ends with what was taken.
void Appliance::Impl::watch_capture() {
  if (!capturing) return;
  auto& live = *capturing->live;
  live.watch(now);
  if (live.settled() && live.abandoned(now)) tell_capture("ended");
}

// The workers' threads have ended, so nothing comes any more and nobody asks for the rest.
void Appliance::Impl::stop_capture() {
  if (!capturing) return;
  capturing->live->end(End::kShutdown);
  tell_capture("ended");
}

std::string Appliance::Impl::answer_capture(std::string_view text, std::string_view user) {
  const auto request = Json::parse(text, nullptr, false);
  const auto op = text_in(request, "op");
  if (op == "capture.start") return line(start(*this, request, user));
  if (op == "capture.poll") return line(poll(*this, request, user));
  return line(bad(fmt::format("unknown request \"{}\"", op)));
}

}  // namespace wardline::appliance
