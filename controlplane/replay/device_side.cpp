#include "controlplane/replay/device_side.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <utility>

namespace wardline::replay {
namespace {

std::optional<Mac> read_mac(std::string_view text) {
  Mac mac;
  if (text.size() != 17) return std::nullopt;
  for (std::size_t i = 0; i < 6; ++i) {
    const char* const first = text.data() + 3 * i;
    if (i < 5 && first[2] != ':' && first[2] != '-') return std::nullopt;
    if (std::from_chars(first, first + 2, mac.bytes[i], 16).ptr != first + 2) return std::nullopt;
  }
  return mac;
}

std::optional<Address> read_address(std::string_view text) {
  const std::string copy(text);
  in_addr v4{};
  if (inet_pton(AF_INET, copy.c_str(), &v4) == 1) return Address::v4(ntohl(v4.s_addr));
  Address v6;
  if (inet_pton(AF_INET6, copy.c_str(), v6.bytes.data()) == 1) return v6;
  return std::nullopt;
}

std::unexpected<Error> refuse(std::string_view item) {
  return fail("replay.device-side", "--device-side",
              fmt::format("'{}' is neither `auto` nor a network (10.20.0.0/16, fd00::/64), an address or a MAC "
                          "(02:00:00:00:00:01); separate several by commas",
                          item));
}

bool link_local(const Address& address) {
  if (address.is_v4()) return address.v4_host_order() >> 16 == 0xa9fe;
  return address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
}

Side side_if(bool device) {
  return device ? Side::kDevice : Side::kCore;
}

}  // namespace

bool DeviceSide::Network::contains(const Address& other) const {
  const unsigned whole = prefix_bits / 8, rest = prefix_bits % 8;
  if (std::memcmp(address.bytes.data(), other.bytes.data(), whole) != 0) return false;
  return rest == 0 || (address.bytes[whole] ^ other.bytes[whole]) >> (8 - rest) == 0;
}

Result<DeviceSide::Network> DeviceSide::read_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<Address> address = read_address(text.substr(0, slash));
  if (!address) return refuse(text);
  const unsigned longest = address->is_v4() ? 32 : 128;
  unsigned bits = longest;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc{} || end != digits.data() + digits.size() || bits > longest) return refuse(text);
  }
  return Network{*address, bits + 128 - longest};
}

Result<DeviceSide> DeviceSide::from_option(std::string_view option) {
  DeviceSide sides;
  if (option == "auto") {
    sides.auto_ = true;
    return sides;
  }
  for (;;) {
    const std::size_t comma = option.find(',');
    const std::string_view item = option.substr(0, comma);
    if (const auto mac = read_mac(item)) {
      sides.macs_.insert(mac->number());
    } else {
      auto network = read_network(item);
      if (!network) return std::unexpected(network.error());
      sides.networks_.push_back(*network);
    }
    if (comma == std::string_view::npos) return sides;
    option.remove_prefix(comma + 1);
  }
}

DeviceSide::Ends DeviceSide::ends_of(const packet::PacketView& frame) {
  Ends ends{{frame.source_mac.number(), {}, 0}, {frame.target_mac.number(), {}, 0}};
  if (frame.source_mac == frame.target_mac) {
    ends.source.address = frame.source;
    ends.source.port = frame.source_port;
    ends.target.address = frame.target;
    ends.target.port = frame.target_port;
  }
  return ends;
}

// Whether the frame has an address that the lists speak of. A MAC always is one.
bool DeviceSide::tells(const packet::PacketView& frame) const {
  if (macs_.contains(frame.source_mac.number())) return true;
  const bool has_address = frame.shape == packet::Shape::kIp || frame.shape == packet::Shape::kArp;
  return has_address && !frame.source.unspecified() && !(link_local(frame.source) && !listed(frame));
}

bool DeviceSide::listed(const packet::PacketView& frame) const {
  if (macs_.contains(frame.source_mac.number())) return true;
  for (const Network& network : networks_) {
    if (network.contains(frame.source)) return true;
  }
  return false;
}

void DeviceSide::look_ahead(const packet::PacketView& frame) {
  if (!auto_) {
    if (tells(frame)) side_of_mac_.try_emplace(frame.source_mac.number(), side_if(listed(frame)));
    return;
  }
  if (frame.target_mac.group()) return;
  const Ends ends = ends_of(frame);
  const bool low = ends.source <= ends.target;
  const auto key = low ? std::pair(ends.source, ends.target) : std::pair(ends.target, ends.source);
  const auto [pair, is_new] = first_sender_is_low_.try_emplace(key, low);
  if (!is_new) return;
  // Each end's first pair says where its group frames come from.
  side_of_mac_.try_emplace(ends.source.mac, Side::kDevice);
  side_of_mac_.try_emplace(ends.target.mac, Side::kCore);
}

Side DeviceSide::side_of(const packet::PacketView& frame) const {
  if (!auto_ && tells(frame)) return side_if(listed(frame));
  if (auto_ && !frame.target_mac.group()) {
    const Ends ends = ends_of(frame);
    const bool low = ends.source <= ends.target;
    const auto key = low ? std::pair(ends.source, ends.target) : std::pair(ends.target, ends.source);
    const auto pair = first_sender_is_low_.find(key);
    if (pair != first_sender_is_low_.end()) return side_if(pair->second == low);
  }
  const auto known = side_of_mac_.find(frame.source_mac.number());
  return known != side_of_mac_.end() ? known->second : side_if(auto_);
}

}  // namespace wardline::replay
