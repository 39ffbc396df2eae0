#include "controlplane/appliance/trace_question.h"

#include <fmt/format.h>

#include <algorithm>

#include "controlplane/inventory/address_text.h"

namespace wardline::appliance {

namespace {

constexpr std::size_t kMostInWords = 2;  // addresses of one end, in a sentence

bool between(const Question& question, const Address& one, const Address& other) {
  return (question.from.has(one) && question.to.has(other)) || (question.from.has(other) && question.to.has(one));
}

}  // namespace

bool End::has(const Address& address) const {
  return std::ranges::count(addresses, address) != 0;
}

std::string End::text() const {
  std::string text;
  for (std::size_t i = 0; i < std::min(addresses.size(), kMostInWords); ++i)
    text += (i == 0 ? "" : " or ") + inventory::text_of(addresses[i]);
  if (addresses.size() > kMostInWords) text += fmt::format(" or {} others", addresses.size() - kMostInWords);
  return text;
}

Result<End> end_of(const Appliance::Impl& impl, std::string_view text) {
  End end{.asked = std::string(text), .state = impl.find_device(text), .addresses = {}};
  if (const auto address = inventory::parse_address(text)) {
    end.addresses = {*address};
    return end;
  }
  if (end.state == nullptr)
    return fail("device.unknown", std::string(text),
                "expected an address, or a device by its id, MAC or host name, and none of this name was seen; see "
                "`wardline device list`");
  for (const auto& interface : end.state->device.interfaces)
    end.addresses.insert(end.addresses.end(), interface.ips.begin(), interface.ips.end());
  if (end.addresses.empty())
    return fail("trace.no-address", std::string(text), "no address of this device is known; give the address itself");
  return end;
}

bool Question::asks(const Event& event) const {
  if (event.several.devices || event.several.peers || !between(*this, event.device_ip, event.peer_ip)) return false;
  return port == 0 || event.device_port == port || event.peer_port == port;
}

bool Question::asks(const TracedFlow& flow) const {
  const auto client = inventory::parse_address(flow.client_ip), server = inventory::parse_address(flow.server_ip);
  return client && server && between(*this, *client, *server) &&
         (port == 0 || flow.client_port == port || flow.server_port == port);
}

std::string Question::text() const {
  return fmt::format("from {} to {}{}", from.text(), to.text(), port == 0 ? "" : fmt::format(" on port {}", port));
}

}  // namespace wardline::appliance
