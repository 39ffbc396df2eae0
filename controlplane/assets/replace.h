#pragma once
#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/assets/register_text.h"

namespace wardline::assets {

struct Replacement {
  std::string_view old;     // id of the register, or MAC
  std::string_view mac;     // of the new device
  std::string_view serial;  // of the new device; "" leaves the entry's
  std::string_view ticket;
  std::chrono::sys_days day;
};

struct Replaced {
  std::string id, text;              // of the entry; the changed register
  std::vector<std::string> notices;  // what a person should look at
};

// What notes of replacements say that an entry had before.
struct Former {
  std::vector<Mac> macs;
  std::vector<std::string> serials;
};
Former former_in(std::span<const std::string_view> notes);

// The new device takes the old one's line: id, pin, exceptions and all else stay, the MAC becomes another, and a
// comment above says when, why and from which. Refused where it is not beyond doubt which MAC is meant.
Result<Replaced> replace_device(RegisterText text, const Replacement& replacement);

}  // namespace wardline::assets
