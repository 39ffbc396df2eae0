#include <algorithm>

#include "controlplane/identity/observers.h"

namespace wardline::identity {
namespace {

constexpr char kStart = '\x0b', kEnd = '\x1c';  // of a message (MLLP)
constexpr std::size_t kMaxSegments = 256;       // looked at in one message
constexpr std::size_t kMaxDevices = 4;          // OBX-18 values told of one message

// One line of a message and its separators. Fields are counted as the standard counts them; a field that the copy cut
// off is not told.
struct Segment {
  std::string_view text;
  char field_separator;
  bool whole;  // its end was seen

  std::string_view field(std::size_t number) const {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < number; ++i) {
      const auto next = text.find(field_separator, begin);
      if (next == std::string_view::npos) return {};
      begin = next + 1;
    }
    const auto end = text.find(field_separator, begin);
    if (end == std::string_view::npos) return whole ? text.substr(begin) : std::string_view{};
    return text.substr(begin, end - begin);
  }
};

std::string_view first_part(std::string_view field, std::string_view separators) {
  return field.substr(0, field.find_first_of(separators));
}

bool made_of(std::string_view text, std::string_view letters, std::size_t most) {
  return !text.empty() && text.size() <= most && text.find_first_not_of(letters) == std::string_view::npos;
}

// MSH-1 is the separator itself, so MSH-n is the field before it in the count. `parts`: component and repetition marks.
void tell_header(const Segment& header, std::string_view parts, Observations& out) {
  const auto application = first_part(header.field(2), parts), facility = first_part(header.field(3), parts);
  if (!application.empty() || !facility.empty()) {
    std::string sender(application);
    if (!facility.empty()) sender.append("@").append(facility);
    tell(out, "hl7", "hl7.sender", sender);
  }
  tell(out, "hl7", "hl7.facility", facility);
  // Words of a fixed form only, so that nothing else can come by in these fields.
  const auto message = header.field(8), version = first_part(header.field(11), parts);
  if (made_of(message, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_^", 20)) tell(out, "hl7", "hl7.message", message);
  if (made_of(version, "0123456789.", 8)) tell(out, "hl7", "hl7.version", version);
}

}  // namespace

// Reads MSH, and OBX-18 alone of the rest: every other segment and field may be a patient's.
void observe_hl7(Bytes payload, const Speech&, Observations& out) {
  auto message = as_text(payload);
  if (!message.starts_with(kStart)) return;
  message.remove_prefix(1);
  if (!message.starts_with("MSH") || message.size() < 8) return;
  const char separator = message[3];
  const std::string parts{message[4], message[5]};  // MSH-2: component and repetition separator
  const auto end = message.find(kEnd);
  const bool ended = end != std::string_view::npos;
  message = message.substr(0, end);

  std::vector<std::string_view> devices;
  for (std::size_t i = 0; i < kMaxSegments && !message.empty(); ++i) {
    const auto line_end = message.find_first_of("\r\n");  // broken senders end segments with a line feed
    const Segment segment{message.substr(0, line_end), separator, ended || line_end != std::string_view::npos};
    message.remove_prefix(line_end == std::string_view::npos ? message.size() : line_end + 1);
    if (i == 0) tell_header(segment, parts, out);
    if (!segment.text.starts_with("OBX") || segment.text.size() < 4 || segment.text[3] != separator) continue;
    const auto device = first_part(segment.field(18), parts);
    if (device.empty() || devices.size() == kMaxDevices || std::ranges::count(devices, device) > 0) continue;
    devices.push_back(device);
    tell(out, "hl7", "hl7.device", device);
  }
}

}  // namespace wardline::identity
