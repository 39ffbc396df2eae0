#include "dataplane/detect/neighbours.h"

#include <algorithm>
#include <cstring>

#include "dataplane/packet/cursor.h"

namespace wardline::detect {

bool is_virtual_router(const Mac& mac) {
  const auto& b = mac.bytes;
  const auto begins = [&](std::uint8_t first, std::uint8_t second, std::uint8_t third) {
    return b[0] == first && b[1] == second && b[2] == third;
  };
  return (begins(0x00, 0x00, 0x5e) && b[3] == 0 && (b[4] == 1 || b[4] == 2)) ||
         (begins(0x00, 0x00, 0x0c) && ((b[3] == 0x07 && b[4] == 0xac) || (b[3] == 0x9f && b[4] >= 0xf0))) ||
         (begins(0x00, 0x05, 0x73) && b[3] == 0xa0) || (begins(0x00, 0x07, 0xb4) && b[3] <= 1);
}

AddressClaims::AddressClaims(std::uint64_t seed) : seed_(seed), claims_(std::make_unique<std::array<Claim, 4096>>()) {}

std::uint32_t AddressClaims::claim(SegmentId segment, const Address& address, const Mac& mac, bool from_device,
                                   CoarseTick now, CoarseTick within) {
  if (address.unspecified() || mac.group() || mac.zero() || is_virtual_router(mac)) return 0;
  std::uint64_t halves[2];
  std::memcpy(halves, address.bytes.data(), sizeof halves);
  const auto what = mix(halves[1] + mix(halves[0] + segment, seed_), seed_) | 1;
  Claim& claim = (*claims_)[what >> 32 & 4095];
  const std::uint64_t owner = mac.number() | std::uint64_t{1} << 48;
  if (claim.what == what && claim.owner == owner) {
    claim.heard = now;
    claim.rival = 0;
    return 0;
  }
  const bool owned = claim.what == what && age(now, claim.heard) <= within;
  if (!owned) {
    claim = {.what = what, .owner = owner, .heard = now, .conflicts = {}};
    return 0;
  }
  if (!from_device || claim.rival == owner) return 0;
  claim.rival = owner;
  return claim.conflicts.add(1, now, within);
}

AddressSweeps::AddressSweeps(std::uint64_t seed) : seed_(seed), askers_(std::make_unique<std::array<Asker, 1024>>()) {}

std::uint64_t AddressSweeps::key_of(SegmentId segment, const Mac& asker) const {
  return mix(asker.number() | std::uint64_t{segment} << 48, seed_) | 1;
}

std::uint32_t AddressSweeps::asked(SegmentId segment, const Mac& asker, const Address& address, CoarseTick now,
                                   CoarseTick within) {
  const auto key = key_of(segment, asker);
  Asker& place = place_of(key);
  if (place.what != key) place = {.what = key, .asked = {}, .answered = {}};
  const auto asked = place.asked.add(mix(address.v4_host_order(), seed_), now, within);
  const bool fresh = age(now, place.heard) <= within;
  return fresh ? asked - std::min(asked, place.answered.estimate()) : asked;
}

void AddressSweeps::answered(SegmentId segment, const Mac& asker, const Address& address, CoarseTick now,
                             CoarseTick within) {
  const auto key = key_of(segment, asker);
  Asker& place = place_of(key);
  if (place.what != key) return;
  place.answered.add(mix(address.v4_host_order(), seed_), now, within);
  place.heard = now;
}

MacPlaces::MacPlaces(std::uint64_t seed) : seed_(seed), places_(std::make_unique<std::array<Place, 4096>>()) {}

std::uint32_t MacPlaces::seen(SegmentId segment, const Mac& mac, bool on_device_leg, CoarseTick now,
                              CoarseTick within) {
  if (mac.group() || mac.zero() || is_virtual_router(mac)) return 0;
  const auto what = key_of(segment, mac);
  Place& place = (*places_)[number_of(what)];
  if (place.what != what) {
    place = {.what = what, .heard = now, .on_device_leg = on_device_leg, .moves = {}};
    return 0;
  }
  constexpr CoarseTick kSameFrame = coarse_duration(kSecond);
  if (!on_device_leg && place.on_device_leg && age(now, place.heard) < kSameFrame) return 0;
  place.heard = now;
  if (place.on_device_leg == on_device_leg) return 0;
  place.on_device_leg = on_device_leg;
  return place.moves.add(1, now, within);
}

DhcpAnswer read_dhcp_answer(std::span<const std::byte> message) {
  constexpr std::uint8_t kReply = 2, kPad = 0, kEnd = 255, kType = 53, kServer = 54, kOffer = 2, kAck = 5;
  constexpr int kMostOptions = 64;
  DhcpAnswer answer;
  packet::Cursor cursor(message);
  if (cursor.u8() != kReply) return answer;
  cursor.skip(235);
  if (cursor.u32() != 0x63825363) return answer;
  bool given = false;
  for (int i = 0; i < kMostOptions && cursor.left() != 0; ++i) {
    const auto code = cursor.u8();
    if (code == kPad) continue;
    if (code == kEnd) break;
    packet::Cursor value(cursor.take(cursor.u8()));
    if (cursor.failed()) break;
    if (code == kType) {
      const auto type = value.u8();
      given = type == kOffer || type == kAck;
    } else if (code == kServer) {
      const auto server = value.u32();
      if (!value.failed()) answer.server = Address::v4(server);
    }
  }
  answer.is = given;
  return answer;
}

}  // namespace wardline::detect
