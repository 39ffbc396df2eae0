#include <algorithm>
#include <array>

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

// SFT: product, its version and who makes it (fields 3, 2 and 1), which make one text.
void tell_software(const Segment& software, std::string_view parts, Observations& out) {
  if (!software.whole) return;
  std::string text;
  for (const std::size_t number : {3U, 2U, 1U}) {
    const auto word = first_part(software.field(number), parts);
    if (!word.empty()) text.append(text.empty() ? "" : " ").append(word);
  }
  tell(out, "hl7", "hl7.software", text);
}

// OBX-18, an entity identifier: id, name space, universal id, its type. IHE PCD-01 has an EUI-64 either by the
// universal id or by the id and its name space.
std::string_view eui64_of(std::string_view equipment, char component) {
  constexpr std::string_view kType = "EUI-64";
  std::array<std::string_view, 4> components;
  for (auto& each : components) {
    const auto end = std::min(equipment.size(), equipment.find(component));
    each = equipment.substr(0, end);
    equipment.remove_prefix(std::min(equipment.size(), end + 1));
  }
  const auto id = components[3] == kType ? components[2] : components[1] == kType ? components[0] : "";
  return id.size() == 16 && made_of(id, "0123456789abcdefABCDEF", 16) ? id : std::string_view{};
}

// What of a message was told, so that a device with a hundred observations is told once.
class Equipment {
 public:
  void tell_from(const Segment& observation, const std::string& parts, Observations& out) {
    const auto repetition = first_part(observation.field(18), parts.substr(1));
    tell_new(devices_, "hl7.device", first_part(repetition, parts), out);
    tell_new(ids_, "hl7.device_id", eui64_of(repetition, parts[0]), out);
  }

 private:
  static void tell_new(std::vector<std::string_view>& told, std::string_view attribute, std::string_view value,
                       Observations& out) {
    if (value.empty() || told.size() == kMaxDevices || std::ranges::count(told, value) > 0) return;
    told.push_back(value);
    tell(out, "hl7", attribute, value);
  }

  std::vector<std::string_view> devices_, ids_;
};

bool is_segment(const Segment& segment, std::string_view name) {
  return segment.text.starts_with(name) && segment.text.size() > name.size() &&
         segment.text[name.size()] == segment.field_separator;
}

}  // namespace

// Reads MSH, SFT, and OBX-18 alone of the rest: every other segment and field may be a patient's.
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

  Equipment equipment;
  for (std::size_t i = 0; i < kMaxSegments && !message.empty(); ++i) {
    const auto line_end = message.find_first_of("\r\n");  // broken senders end segments with a line feed
    const Segment segment{message.substr(0, line_end), separator, ended || line_end != std::string_view::npos};
    message.remove_prefix(line_end == std::string_view::npos ? message.size() : line_end + 1);
    if (i == 0) tell_header(segment, parts, out);
    if (is_segment(segment, "SFT")) tell_software(segment, parts, out);
    if (is_segment(segment, "OBX")) equipment.tell_from(segment, parts, out);
  }
}

}  // namespace wardline::identity
