// Payloads of any kind for what behaviour detectors read: names, logins, files, DHCP, echoes, clinical text.
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/detect/clinical_text.h"
#include "dataplane/detect/echoes.h"
#include "dataplane/detect/headers.h"
#include "dataplane/detect/logins.h"
#include "dataplane/detect/names.h"
#include "dataplane/detect/neighbours.h"
#include "dataplane/detect/smb.h"

namespace {

using namespace wardline;

detect::Settings all_enabled() {
  detect::Settings settings{};
  for (auto& setting : settings) setting = {.enabled = true, .count = 2, .within_seconds = 60, .signature = 1};
  return settings;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static const detect::Settings kSettings = all_enabled();
  static detect::Logins logins;
  static detect::Watched watched;
  static CoarseTick now = 1'000'000;
  ++now;
  const auto bytes = std::as_bytes(std::span(data + 2, size - 2));
  detect::Alarms alarms;
  if (const auto question = detect::read_question(bytes))
    detect::watch_names(watched, kSettings, *question, now, alarms);
  detect::watch_echo(watched, kSettings, {.request = (data[1] & 1) != 0, .number = data[1], .body = bytes}, now,
                     alarms);
  logins.feed(static_cast<detect::LoginKind>(data[0] % 7), data[1] % 8 + 1U, (data[1] & 8) != 0, bytes, now);
  detect::snmp_default_community(bytes);
  detect::read_dhcp_answer(bytes);
  detect::patient_data_in(bytes);
  detect::read_smb(bytes);
  detect::has_source_route(packet::parse(bytes), bytes);
  return 0;
}
