// Operating systems that get no corrections any more.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "controlplane/findings/checks.h"

namespace wardline::findings {
namespace {

using inventory::Device;
using inventory::Evidence;

struct Sign {
  std::string_view attribute;  // where it counts; "" where an operating system is named in full
  std::string_view words;      // in lower case
  std::string_view system, ended;
};

// Ends of extended support, from the maker's lifecycle pages. The DHCP vendor class "MSFT 5.0" is that of every Windows
// since 2000, and so says nothing. HTTP's "Windows NT 6.1" is Windows 7 or Server 2008 R2, which ended on one day.
constexpr std::array kSigns{
    Sign{"", "windows xp", "Windows XP", "2014-04-08"},
    Sign{"", "windows vista", "Windows Vista", "2017-04-11"},
    Sign{"", "windows 7", "Windows 7", "2020-01-14"},
    Sign{"", "windows 8", "Windows 8", "2023-01-10"},
    Sign{"", "windows 2000", "Windows 2000", "2010-07-13"},
    Sign{"", "windows server 2003", "Windows Server 2003", "2015-07-14"},
    Sign{"", "windows server 2008", "Windows Server 2008", "2020-01-14"},
    Sign{"", "windows ce", "Windows CE", "2023-10-10"},
    Sign{"", "windows embedded ce", "Windows CE", "2023-10-10"},
    Sign{"", "windows 98", "Windows 98", "2006-07-11"},
    Sign{"dhcp.vendor_class", "msft 98", "Windows 98", "2006-07-11"},
    Sign{"http.user_agent", "windows nt 5.0", "Windows 2000", "2010-07-13"},
    Sign{"http.user_agent", "windows nt 5.1", "Windows XP", "2014-04-08"},
    Sign{"http.user_agent", "windows nt 5.2", "Windows Server 2003", "2015-07-14"},
    Sign{"http.user_agent", "windows nt 6.0", "Windows Vista or Server 2008", "2020-01-14"},
    Sign{"http.user_agent", "windows nt 6.1", "Windows 7 or Server 2008 R2", "2020-01-14"},
    Sign{"http.server", "microsoft-iis/5.1", "Windows XP", "2014-04-08"},
    Sign{"http.server", "microsoft-iis/6.0", "Windows Server 2003", "2015-07-14"},
    Sign{"http.server", "microsoft-iis/7.0", "Windows Server 2008", "2020-01-14"},
    Sign{"http.server", "microsoft-iis/7.5", "Windows 7 or Server 2008 R2", "2020-01-14"},
};

bool names_systems(std::string_view attribute) {
  return attribute == "os" || attribute == "dhcp.vendor_class" || attribute == "http.user_agent" ||
         attribute == "http.server" || attribute == "lldp.description" || attribute == "lldp.software";
}

std::string lower(std::string_view text) {
  std::string low(text);
  std::ranges::transform(low, low.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return low;
}

// `words` in `text`, not as the beginning of a longer number or word: "windows 7" is not in "windows 70".
bool holds_words(const std::string& text, std::string_view words) {
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) {
    const auto end = at + words.size();
    if (end == text.size() || std::isalnum(static_cast<unsigned char>(text[end])) == 0) return true;
  }
  return false;
}

const Sign* sign_of(const Evidence& evidence) {
  if (!names_systems(evidence.attribute)) return nullptr;
  const auto text = lower(evidence.value);
  const auto found = std::ranges::find_if(kSigns, [&](const Sign& sign) {
    return (sign.attribute.empty() || sign.attribute == evidence.attribute) && holds_words(text, sign.words);
  });
  return found == kSigns.end() ? nullptr : &*found;
}

// An exchange counts only where the other side answered, so a server that offers SMB 2 to nobody is not told apart.
void check_smb(const Device& device, Conditions& out) {
  const auto speaks = [&](std::string_view app) {
    return std::ranges::find_if(device.evidence, [&](const Evidence& item) {
      return item.attribute == "speaks" && item.value.starts_with(app);
    });
  };
  const auto old = speaks("smb1 as ");
  if (old == device.evidence.end() || speaks("smb2 as ") != device.evidence.end()) return;
  out.push_back({.kind = "end_of_support_os",
                 .subject = "SMB1",
                 .explanation = fmt::format("{} speaks SMB version 1 and was never seen with a later one. It has known "
                                            "holes that worms use.",
                                            device.id),
                 .evidence = {"speaks = " + old->value}});
}

}  // namespace

void check_lifetime(const Device& device, const Surroundings&, Conditions& out) {
  for (const auto& item : device.evidence) {
    const auto* sign = sign_of(item);
    if (sign == nullptr) continue;
    const auto same = [&](const Condition& made) {
      return made.kind == "end_of_support_os" && made.subject == sign->system;
    };
    const auto said = fmt::format("{} = {}", item.attribute, item.value);
    if (const auto known = std::ranges::find_if(out, same); known != out.end()) {
      known->evidence.push_back(said);
      continue;
    }
    out.push_back(
        {.kind = "end_of_support_os",
         .subject = std::string(sign->system),
         .explanation = fmt::format("{} runs {}, whose support ended on {}.", device.id, sign->system, sign->ended),
         .evidence = {said}});
  }
  check_smb(device, out);
}

}  // namespace wardline::findings
