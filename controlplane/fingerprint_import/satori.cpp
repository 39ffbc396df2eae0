// <DHCP><fingerprints><fingerprint name os_name os_class device_type device_vendor><dhcp_tests><test weight matchtype
// dhcptype, and one of dhcpoption55 dhcpvendorcode dhcpoptions ipttl/>
#include "controlplane/fingerprint_import/satori.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "controlplane/fingerprint_import/device_words.h"

namespace wardline::fingerprint_import {
namespace {

using Sets = std::vector<std::pair<std::string, std::string>>;

// Satori adds up the weights (1 to 5) of all tests that match; with us one is enough.
constexpr int kLeastWeight = 3;
constexpr std::array<std::string_view, 4> kMessages{"Any", "Discover", "Request", "Inform"};

Sets sets_of(const pugi::xml_node& device) {
  const auto value = [&](const char* name) { return std::string(device.attribute(name).as_string()); };
  const std::string os = value("os_name").empty() ? value("os_class") : value("os_name");
  const std::string kind(kind_of(value("device_type")));
  // Its name is that of a product where it is not that of an operating system.
  const std::string product = os.empty() && !kind.empty() ? value("name") : "";
  Sets sets{{"maker", value("device_vendor")}, {"product", product}, {"kind", kind}, {"os", os}};
  std::erase_if(sets, [](const auto& each) { return each.second.empty() || each.second.contains('\\'); });
  return sets;
}

std::unexpected<std::string> refuse(std::string why) {
  return std::unexpected(std::move(why));
}

// Why a test says nothing here, whatever it looks into; "" where it does.
std::string fault_of(const pugi::xml_node& test) {
  const std::string message = test.attribute("dhcptype").as_string(), match = test.attribute("matchtype").as_string();
  if (std::ranges::find(kMessages, message) == kMessages.end())
    return fmt::format("expected a message of a client (Any, Discover, Request, Inform), found '{}'", message);
  if (match != "exact" && match != "partial")
    return fmt::format("expected matchtype exact or partial, found '{}'", match);
  if (const int weight = test.attribute("weight").as_int(); weight < kLeastWeight)
    return fmt::format("its weight of {} is too little to conclude from it alone", weight);
  return {};
}

bool is_option_list(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789,") == std::string_view::npos;
}

std::expected<Fingerprint, std::string> fingerprint_of(const pugi::xml_node& test, Sets sets) {
  if (auto fault = fault_of(test); !fault.empty()) return refuse(std::move(fault));
  const std::string options = test.attribute("dhcpoption55").as_string();
  const std::string vendor_class = test.attribute("dhcpvendorcode").as_string();
  const bool by_options = !options.empty();
  if (!by_options && vendor_class.empty())
    return refuse(
        "the order of all options and the initial hops are no evidence here; option 55 (dhcpoption55) and option 60 "
        "(dhcpvendorcode) are");
  if (by_options && !is_option_list(options))
    return refuse(fmt::format("expected numbers of options between commas, found '{}'", options));
  if (sets.empty()) return refuse("it names no maker, operating system or kind of device that has a place here");
  const auto& value = by_options ? options : vendor_class;
  const bool whole = test.attribute("matchtype").as_string() == std::string_view("exact");
  const std::string_view begin = whole ? "^" : by_options ? "(?:^|,)" : "";
  const std::string_view end = whole ? "$" : by_options ? "(?:,|$)" : "";
  return Fingerprint{.attribute = by_options ? "dhcp.params" : "dhcp.vendor_class",
                     .pattern = fmt::format("{}{}{}", begin, literal(value), end),
                     .sets = std::move(sets),
                     .examples = {value},
                     .notes = {}};
}

}  // namespace

std::vector<Entry> read_satori(const XmlFile& file) {
  std::vector<Entry> entries;
  for (const auto& device : file.root().child("fingerprints").children("fingerprint"))
    for (const auto& test : device.child("dhcp_tests").children("test"))
      entries.push_back(
          {file.line_of(test), device.attribute("name").as_string(), fingerprint_of(test, sets_of(device))});
  return entries;
}

}  // namespace wardline::fingerprint_import
