#include "dataplane/runtime/start_advice.h"

#include <fmt/format.h>

namespace wardline::runtime {
namespace {

void warn(std::vector<Notice>& notices, std::string text) {
  notices.push_back({Notice::Level::kWarning, {}, std::move(text)});
}

// Names as `ethtool -K` takes them.
std::string switch_off(const KernelFacts& facts, bool with_tags) {
  std::string what;
  if (facts.tx_checksum) what += " tx off";
  if (facts.tso) what += " tso off";
  if (facts.gso) what += " gso off";
  if (with_tags && facts.tx_vlan) what += " txvlan off tx-vlan-stag-hw-insert off";
  return what.empty() ? what : "ethtool -K " + facts.name + what;
}

// Checksums and segmentation left to a "card" that does not exist arrive undone.
void advise_on_peer(std::vector<Notice>& notices, const LegPlan& plan, const KernelFacts& facts,
                    const KernelFacts* peer) {
  const bool tags = plan.kind == LegPlan::Kind::kAfXdp;
  if (peer != nullptr) {
    const auto command = switch_off(*peer, tags);
    if (!command.empty())
      warn(notices,
           fmt::format("the other end of this veth, {}, leaves checksums, segmentation{} to a card that is not "
                       "there: TCP would stall{}; run `{}`",
                       peer->name, tags ? " or VLAN tags" : "", tags ? " and tags would be lost" : "", command));
    return;
  }
  if (facts.driver != "veth") return;
  warn(notices,
       fmt::format("the other end of this veth is in another network namespace and cannot be looked at; there, "
                   "checksum and segmentation offload must be off, or TCP stalls{}: run `ethtool -K PEER tx off tso "
                   "off gso off{}`",
                   tags ? ", and so must VLAN offload, or tags are lost" : "",
                   tags ? " txvlan off tx-vlan-stag-hw-insert off" : ""));
}

}  // namespace

std::vector<Notice> advice_for_leg(const LegPlan& plan, const KernelFacts& facts, const KernelFacts* peer) {
  std::vector<Notice> notices;
  if (!facts.carrier)
    warn(notices, "there is no link: check the cable or the other end; nothing passes until it is there");
  if (facts.gro || facts.lro)
    warn(notices, fmt::format("received frames may be merged into larger ones, which are then dropped as cut off; run "
                              "`ethtool -K {}{}{}`",
                              facts.name, facts.gro ? " gro off" : "", facts.lro ? " lro off" : ""));
  if (facts.rx_vlan && facts.driver != "veth" && plan.kind == LegPlan::Kind::kAfXdp)
    warn(notices,
         fmt::format("the card takes VLAN tags off, and af_xdp would lose them; run `ethtool -K {} rxvlan off`",
                     facts.name));
  if (plan.kind == LegPlan::Kind::kAfPacket) {
    warn(notices,
         "af_packet gives an outer 802.1ad tag (0x88A8) back as 802.1Q (0x8100), and which one it was cannot be "
         "known; where provider tags cross this leg, use af_xdp or a card");
    warn(notices,
         "with af_packet the kernel puts IPv4 fragments together, and a datagram that is then larger than the MTU is "
         "lost; where fragments cross this leg, use af_xdp or a card");
  }
  if (facts.has_address)
    warn(notices,
         fmt::format("Linux has an IP address on this interface and would answer on it; run `ip addr flush dev {0}` "
                     "and `sysctl net.ipv6.conf.{0}.disable_ipv6=1`",
                     facts.name));
  advise_on_peer(notices, plan, facts, peer);
  return notices;
}

std::vector<Notice> advice_for_pair(const std::string& pair, const LegPlan& device, const LegPlan& core) {
  std::vector<Notice> notices;
  if (device.mtu != 0 && core.mtu != 0 && device.mtu != core.mtu)
    notices.push_back(
        {Notice::Level::kWarning, pair,
         fmt::format("the MTUs of its legs differ: {} on the device leg, {} on the core leg; frames larger than "
                     "the smaller one are dropped as `oversize`: give both the same MTU",
                     device.mtu, core.mtu)});
  return notices;
}

}  // namespace wardline::runtime
