#pragma once
#include <map>
#include <pugixml.hpp>
#include <string>
#include <utility>
#include <vector>

namespace wardline::fingerprint_import {

// What an entry of Recog gives, by name (hw.vendor): fixed text, or `\1` for a group of its pattern.
struct RecogParams {
  std::map<std::string, std::string> forms;
  std::vector<std::string> notes;  // what was left out
};

RecogParams read_params(const pugi::xml_node& entry);

// The same in our words: maker, product, kind, os, firmware, software, serial.
std::vector<std::pair<std::string, std::string>> conclusions_of(const RecogParams& params);

}  // namespace wardline::fingerprint_import
