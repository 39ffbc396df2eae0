#include "dataplane/runtime/rte_flow_offload.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_flow.h>

#include <cstring>

namespace wardline::runtime {
namespace {

using offload::OffloadFlow;

// A rule in DPDK's words. Holds what its items and actions point to, so it is built in place and never copied.
class RuleText {
 public:
  RuleText(const OffloadFlow& flow, Side in, std::uint16_t twin) {
    attributes_.ingress = 1;
    match_link(flow, in);
    if (flow.v6)
      match_v6(flow, in);
    else
      match_v4(flow, in);
    match_tcp(flow, in);
    pattern_[items_] = {RTE_FLOW_ITEM_TYPE_END, nullptr, nullptr, nullptr};
    twin_.id = twin;
    actions_ = {{{RTE_FLOW_ACTION_TYPE_COUNT, &count_},
                 {RTE_FLOW_ACTION_TYPE_PORT_ID, &twin_},
                 {RTE_FLOW_ACTION_TYPE_END, nullptr}}};
  }
  RuleText(const RuleText&) = delete;
  RuleText& operator=(const RuleText&) = delete;

  bool valid_on(std::uint16_t port, rte_flow_error& error) const {
    return rte_flow_validate(port, &attributes_, pattern_.data(), actions_.data(), &error) == 0;
  }
  rte_flow* create_on(std::uint16_t port, rte_flow_error& error) const {
    return rte_flow_create(port, &attributes_, pattern_.data(), actions_.data(), &error);
  }

 private:
  void add(rte_flow_item_type type, const void* spec, const void* mask) {
    pattern_[items_++] = {type, spec, nullptr, mask};
  }

  // The device's MAC, so that nobody borrows its flow; and the very tag, or none.
  void match_link(const OffloadFlow& flow, Side in) {
    auto& spec = in == Side::kDevice ? link_.hdr.src_addr : link_.hdr.dst_addr;
    auto& mask = in == Side::kDevice ? link_mask_.hdr.src_addr : link_mask_.hdr.dst_addr;
    std::memcpy(spec.addr_bytes, flow.device_mac.bytes.data(), sizeof spec.addr_bytes);
    std::memset(mask.addr_bytes, 0xff, sizeof mask.addr_bytes);
    link_.has_vlan = flow.tag_count;
    link_mask_.has_vlan = 1;
    add(RTE_FLOW_ITEM_TYPE_ETH, &link_, &link_mask_);
    if (flow.tag_count == 0) return;
    tag_.hdr.vlan_tci = htons(flow.vlan);
    tag_mask_.hdr.vlan_tci = htons(0x0fff);
    add(RTE_FLOW_ITEM_TYPE_VLAN, &tag_, &tag_mask_);
  }

  // Whole packets alone: a fragment waits for its siblings with the worker.
  void match_v4(const OffloadFlow& flow, Side in) {
    const Address &from = in == Side::kDevice ? flow.device : flow.peer,
                  &to = in == Side::kDevice ? flow.peer : flow.device;
    v4_.hdr.src_addr = htonl(from.v4_host_order());
    v4_.hdr.dst_addr = htonl(to.v4_host_order());
    v4_.hdr.next_proto_id = IPPROTO_TCP;
    v4_mask_.hdr.src_addr = v4_mask_.hdr.dst_addr = 0xffffffff;
    v4_mask_.hdr.next_proto_id = 0xff;
    v4_mask_.hdr.fragment_offset = htons(0x3fff);  // more-fragments and the offset: all zero
    add(RTE_FLOW_ITEM_TYPE_IPV4, &v4_, &v4_mask_);
  }

  void match_v6(const OffloadFlow& flow, Side in) {
    const Address &from = in == Side::kDevice ? flow.device : flow.peer,
                  &to = in == Side::kDevice ? flow.peer : flow.device;
    std::memcpy(v6_.hdr.src_addr, from.bytes.data(), from.bytes.size());
    std::memcpy(v6_.hdr.dst_addr, to.bytes.data(), to.bytes.size());
    v6_.hdr.proto = IPPROTO_TCP;  // so there is no fragment header
    std::memset(v6_mask_.hdr.src_addr, 0xff, sizeof v6_mask_.hdr.src_addr);
    std::memset(v6_mask_.hdr.dst_addr, 0xff, sizeof v6_mask_.hdr.dst_addr);
    v6_mask_.hdr.proto = 0xff;
    add(RTE_FLOW_ITEM_TYPE_IPV6, &v6_, &v6_mask_);
  }

  // Not what opens or ends a connection: SYN, FIN and RST are the worker's.
  void match_tcp(const OffloadFlow& flow, Side in) {
    tcp_.hdr.src_port = htons(in == Side::kDevice ? flow.device_port : flow.peer_port);
    tcp_.hdr.dst_port = htons(in == Side::kDevice ? flow.peer_port : flow.device_port);
    tcp_mask_.hdr.src_port = tcp_mask_.hdr.dst_port = 0xffff;
    tcp_mask_.hdr.tcp_flags = RTE_TCP_SYN_FLAG | RTE_TCP_FIN_FLAG | RTE_TCP_RST_FLAG;
    add(RTE_FLOW_ITEM_TYPE_TCP, &tcp_, &tcp_mask_);
  }

  rte_flow_attr attributes_{};
  std::array<rte_flow_item, 5> pattern_{};
  std::size_t items_ = 0;
  std::array<rte_flow_action, 3> actions_{};
  rte_flow_item_eth link_{}, link_mask_{};
  rte_flow_item_vlan tag_{}, tag_mask_{};
  rte_flow_item_ipv4 v4_{}, v4_mask_{};
  rte_flow_item_ipv6 v6_{}, v6_mask_{};
  rte_flow_item_tcp tcp_{}, tcp_mask_{};
  rte_flow_action_count count_{};
  rte_flow_action_port_id twin_{};
};

std::string words(const rte_flow_error& error) {
  return error.message == nullptr ? rte_strerror(rte_errno) : error.message;
}

// Any flow will do to ask whether a card knows such rules.
OffloadFlow example(bool v6) {
  OffloadFlow flow;
  flow.v6 = v6;
  flow.device = v6 ? Address{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}} : Address::v4(0xc0000201);
  flow.peer = v6 ? Address{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}} : Address::v4(0xc0000202);
  flow.device_mac = Mac{{2, 0, 0, 0, 0, 1}};
  flow.device_port = 49152;
  flow.peer_port = 104;
  return flow;
}

}  // namespace

Result<std::unique_ptr<RteFlowOffload>> RteFlowOffload::make(OffloadPorts ports) {
  for (const auto& bundle : ports)
    for (const auto& pair : bundle)
      for (const Side in : {Side::kDevice, Side::kCore})
        for (const bool v6 : {false, true}) {
          const auto port = pair[static_cast<std::size_t>(in)];
          rte_flow_error error{};
          if (RuleText(example(v6), in, pair[static_cast<std::size_t>(other(in))]).valid_on(port, error)) continue;
          char name[RTE_ETH_NAME_MAX_LEN] = "?";
          rte_eth_dev_get_name_by_port(port, name);
          return fail("port.offload", name, "it does not forward decided flows by itself: " + words(error));
        }
  return std::unique_ptr<RteFlowOffload>(new RteFlowOffload(std::move(ports)));
}

RteFlowOffload::~RteFlowOffload() {
  while (!rules_.empty()) remove(rules_.begin()->first);
}

Result<RteFlowOffload::Rule> RteFlowOffload::insert(const OffloadFlow& flow, Side in) {
  const auto& pair = ports_[flow.bundle][flow.pair];
  const auto port = pair[static_cast<std::size_t>(in)];
  rte_flow_error error{};
  rte_flow* handle = RuleText(flow, in, pair[static_cast<std::size_t>(other(in))]).create_on(port, error);
  if (handle == nullptr) return fail("port.offload", {}, words(error));
  rules_[next_] = {port, handle};
  return next_++;
}

void RteFlowOffload::remove(Rule rule) {
  const auto found = rules_.find(rule);
  if (found == rules_.end()) return;
  rte_flow_error error{};
  rte_flow_destroy(found->second.port, found->second.handle, &error);
  rules_.erase(found);
}

offload::Traffic RteFlowOffload::traffic(Rule rule) {
  const auto found = rules_.find(rule);
  if (found == rules_.end()) return {};
  const rte_flow_action count{RTE_FLOW_ACTION_TYPE_COUNT, nullptr};
  rte_flow_query_count sum{};
  rte_flow_error error{};
  if (rte_flow_query(found->second.port, found->second.handle, &count, &sum, &error) != 0) return {};
  return {sum.hits_set ? sum.hits : 0, sum.bytes_set ? sum.bytes : 0};
}

}  // namespace wardline::runtime
