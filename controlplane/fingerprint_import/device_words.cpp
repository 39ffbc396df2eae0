#include "controlplane/fingerprint_import/device_words.h"

#include <algorithm>
#include <array>

#include "dataplane/facts/wire_text.h"

namespace wardline::fingerprint_import {
namespace {

struct Word {
  std::string_view theirs, ours;
};
// Words that mean several kinds (Mobile, VoIP, General) are left out: a wrong kind is worse than none.
constexpr std::array kWords{
    Word{"access point", "access point"},
    Word{"broadband router", "router"},
    Word{"building automation", "building controller"},
    Word{"desktop", "computer"},
    Word{"device server", "serial server"},
    Word{"dvr", "nvr"},
    Word{"ebook reader", "tablet"},
    Word{"firewall", "firewall"},
    Word{"game console", "game console"},
    Word{"gaming console", "game console"},
    Word{"ip camera", "ip camera"},
    Word{"ip phone", "voip phone"},
    Word{"iptv", "media player"},
    Word{"label printer", "label printer"},
    Word{"laptop", "computer"},
    Word{"light bulb", "light"},
    Word{"media player", "media player"},
    Word{"multifunction device", "printer"},
    Word{"nas", "nas"},
    Word{"network camera", "ip camera"},
    Word{"nvr", "nvr"},
    Word{"pdu", "pdu"},
    Word{"plc", "plc"},
    Word{"printer", "printer"},
    Word{"router", "router"},
    Word{"server", "server"},
    Word{"set top box", "media player"},
    Word{"set-top box", "media player"},
    Word{"smart tv", "tv"},
    Word{"smartphone", "phone"},
    Word{"switch", "switch"},
    Word{"tablet", "tablet"},
    Word{"television", "tv"},
    Word{"terminal server", "serial server"},
    Word{"thermostat", "thermostat"},
    Word{"thin client", "thin client"},
    Word{"tv", "tv"},
    Word{"ups", "ups"},
    Word{"voip phone", "voip phone"},
    Word{"wap", "access point"},
    Word{"web cam", "ip camera"},
    Word{"webcam", "ip camera"},
    Word{"wireless access point", "access point"},
    Word{"wireless router", "router"},
    Word{"workstation", "computer"},
};

}  // namespace

std::string_view kind_of(std::string_view word) {
  const auto found =
      std::ranges::find_if(kWords, [&](const Word& each) { return facts::equal_caseless(each.theirs, word); });
  return found == kWords.end() ? std::string_view() : found->ours;
}

std::string literal(std::string_view text) {
  constexpr std::string_view kOperators = R"(\.+*?()|[]{}^$)";
  std::string pattern;
  for (const char letter : text) {
    if (kOperators.contains(letter)) pattern += '\\';
    pattern += letter;
  }
  return pattern;
}

}  // namespace wardline::fingerprint_import
