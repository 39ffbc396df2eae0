#include <cstdint>
#include <string_view>

#include "dataplane/facts/readers.h"
#include "dataplane/facts/wire_text.h"

namespace wardline::facts {

// HL7 v2.5.1, 2.14.9: MSH, the field separator, four encoding characters, then fields; MSH-3 is the third, MSH-9 the
// ninth, counting the separator itself as the first. The segment ends with CR. What follows it names patients and is
// not looked at. A message that begins otherwise has both values empty, so that no rule lists it.
void read_hl7(std::span<const std::byte> bytes, bool from_client, FactSet& facts) {
  if (!from_client) return;  // acknowledgements answer; they bring nothing of their own
  std::string_view text = text_of(bytes);
  if (!text.empty() && text.front() == '\x0b') text.remove_prefix(1);
  std::string_view sender, type;
  if (text.starts_with("MSH") && text.size() > 4) {
    const char separator = text[3];
    auto rest = text.substr(4, text.find_first_of("\r\n", 4) - 4);
    for (int field = 2; field <= 9 && !rest.empty(); ++field) {
      const auto end = rest.find(separator);
      const auto value = rest.substr(0, end);
      if (field == 3) sender = value;
      if (field == 9) type = value;
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
  }
  // The third component, the message structure (ORU^R01^ORU_R01), says nothing more.
  if (const auto first = type.find('^'); first != std::string_view::npos)
    type = type.substr(0, type.find('^', first + 1));
  facts.add(Fact::kHl7MessageType, type);
  facts.add(Fact::kHl7Sender, sender);
}

}  // namespace wardline::facts
