// <param pos="0" name="hw.vendor" value="Acme"/>, <param pos="1" name="hw.model"/>, value="{hw.family} {hw.model}"
#include "controlplane/fingerprint_import/recog_params.h"

#include <fmt/format.h>

#include "controlplane/fingerprint_import/device_words.h"

namespace wardline::fingerprint_import {
namespace {

constexpr unsigned kMostGroups = 9;  // `\1` to `\9`

// `text` with each {name} replaced by that parameter; "" where one is not there or stands on another itself.
std::string filled_in(const std::string& text, const std::map<std::string, std::string>& forms) {
  std::string filled;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text[at] == '{' ? text.find('}', at) : std::string::npos;
    if (end == std::string::npos) {
      filled += text[at++];
      continue;
    }
    const auto found = forms.find(text.substr(at + 1, end - at - 1));
    if (found == forms.end() || found->second.contains('{')) return {};
    filled += found->second;
    at = end + 1;
  }
  return filled;
}

std::string joined(const std::string& first, const std::string& second) {
  if (first.empty()) return {};
  return second.empty() ? first : first + " " + second;
}

}  // namespace

RecogParams read_params(const pugi::xml_node& entry) {
  RecogParams params;
  for (const auto& param : entry.children("param")) {
    const std::string name = param.attribute("name").as_string(), value = param.attribute("value").as_string();
    const auto group = param.attribute("pos").as_uint();
    if (group > kMostGroups)
      params.notes.push_back(fmt::format("{} is left out: groups behind the ninth have no place here", name));
    else if (group > 0)
      params.forms[name] = fmt::format("\\{}", group);
    else if (!value.contains('\\') && value != "Unknown")
      params.forms[name] = value;
  }
  const auto plain = params.forms;
  for (auto& [name, form] : params.forms) form = filled_in(form, plain);
  std::erase_if(params.forms, [](const auto& each) { return each.second.empty(); });
  return params;
}

std::vector<std::pair<std::string, std::string>> conclusions_of(const RecogParams& params) {
  const auto form = [&](const char* name) {
    const auto found = params.forms.find(name);
    return found == params.forms.end() ? std::string() : found->second;
  };
  const auto either = [](std::string first, std::string second) { return first.empty() ? second : first; };
  const std::string kind(kind_of(either(form("hw.device"), form("os.device"))));
  const auto hardware =
      either(form("hw.product"), either(joined(form("hw.family"), form("hw.model")), form("hw.model")));
  // Where the entry tells of a device but names no hardware, its firmware's maker and name are the device's.
  const bool firmware_names = !kind.empty() && form("hw.vendor").empty() && hardware.empty();
  const auto os = either(form("os.product"), form("os.family"));
  std::vector<std::pair<std::string, std::string>> sets{
      {"maker", either(form("hw.vendor"), firmware_names ? form("os.vendor") : "")},
      {"product", firmware_names ? os : hardware},
      {"kind", kind},
      {"os", firmware_names ? "" : joined(os, form("os.version"))},
      {"firmware", either(form("hw.version"), firmware_names ? form("os.version") : "")},
      {"software", joined(either(form("service.product"), form("service.family")), form("service.version"))},
      {"serial", form("hw.serial_number")}};
  std::erase_if(sets, [](const auto& each) { return each.second.empty(); });
  return sets;
}

}  // namespace wardline::fingerprint_import
