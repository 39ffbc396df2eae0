// Who spoke with whom: flows added up until they are written, with the devices, once a second.
#include <array>

#include "controlplane/appliance/state.h"

namespace wardline::appliance {

namespace {

// A device that scans makes a conversation of every address. What finds no room until the next write is not remembered;
// the flow's record tells it all the same.
constexpr std::size_t kMostPending = 16'384;

// How many addresses a range has, less one, for comparison.
std::array<std::uint8_t, 16> width_of(const policy::AddressRange& range) {
  std::array<std::uint8_t, 16> width{};
  int borrow = 0;
  for (std::size_t i = width.size(); i-- > 0;) {
    const int difference = range.high.bytes[i] - range.low.bytes[i] - borrow;
    borrow = difference < 0 ? 1 : 0;
    width[i] = static_cast<std::uint8_t>(difference & 0xff);
  }
  return width;
}

}  // namespace

// Of several roles the one that says most: whose range is the narrowest.
std::string Appliance::Impl::peer_name(const Address& peer, const std::string& text) const {
  if (!current) return text;
  const std::string* name = nullptr;
  std::array<std::uint8_t, 16> narrowest{};
  for (const auto& [role, ranges] : current->roles) {
    for (const auto& range : ranges) {
      if (peer < range.low || range.high < peer) continue;
      const auto width = width_of(range);
      if (name != nullptr && width >= narrowest) continue;
      name = &role;
      narrowest = width;
    }
  }
  return name == nullptr ? text : *name;
}

// `event` counts what came since the flow's last report; a flow is counted with its first.
void Appliance::Impl::count_conversation(const Event& event, const records::Facts& facts, bool first_report) {
  if (!store || facts.head.device_id.empty()) return;
  inventory::ConversationKey key{
      .device_id = facts.behind.empty() ? facts.head.device_id : facts.behind,
      .to_device = facts.opened_by == flow::OpenedBy::kPeer,
      .peer = event.several.peers ? facts.peer_ip : peer_name(event.peer_ip, facts.peer_ip),
      .app = facts.app,
      .proto = facts.proto,
      .port = facts.has_ports && !event.several.ports ? facts.server_port() : std::uint16_t{0},
      .verdict = std::string(enforce::kVerdictNames[static_cast<std::size_t>(facts.verdict)])};
  if (conversations.size() >= kMostPending && !conversations.contains(key)) return;
  conversations[std::move(key)].add({.first_seen = facts.started,
                                     .last_seen = facts.head.time,
                                     .flows = first_report ? event.flows : 0u,
                                     .packets = event.packets_from_device + event.packets_to_device,
                                     .bytes_from_device = event.bytes_from_device,
                                     .bytes_to_device = event.bytes_to_device});
}

// Within the transaction of the caller.
void Appliance::Impl::save_conversations() {
  note_store(store->add_conversations(conversations));
}

}  // namespace wardline::appliance
