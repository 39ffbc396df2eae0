// Who claims an address, who answers for DHCP, and on which leg a MAC is.
#include <gtest/gtest.h>

#include "dataplane/detect/neighbours.h"
#include "tests/unit/dataplane/detect/settings.h"
#include "tests/unit/packet_builder.h"

namespace wardline::detect {
namespace {

const Mac kRouter{{0, 1, 2, 3, 4, 5}}, kPump{{0, 1, 2, 9, 9, 1}}, kThief{{0, 1, 2, 9, 9, 2}};
const Address kGateway = Address::v4(0x0a010001), kFree = Address::v4(0x0a010044);

TEST(AddressClaims, ADeviceThatClaimsTheGatewaysAddressConflicts) {
  AddressClaims claims;
  const auto within = seconds(60);
  EXPECT_EQ(claims.claim(1, kGateway, kRouter, false, kStart, within), 0U);
  EXPECT_EQ(claims.claim(1, kGateway, kThief, true, kStart + 10, within), 1U);
  EXPECT_EQ(claims.claim(1, kGateway, kRouter, false, kStart + 20, within), 0U) << "the owner is right";
  EXPECT_EQ(claims.claim(1, kGateway, kThief, true, kStart + 30, within), 2U);
}

TEST(AddressClaims, APairThatFailsOverIsOneConflictHoweverOftenItSaysSo) {
  AddressClaims claims;
  const auto within = seconds(300);
  claims.claim(1, kFree, kPump, true, kStart, within);
  EXPECT_EQ(claims.claim(1, kFree, kThief, true, kStart + seconds(2), within), 1U);
  for (unsigned i = 0; i < 20; ++i)
    EXPECT_EQ(claims.claim(1, kFree, kThief, true, kStart + seconds(3 + i), within), 0U) << "gratuitous claims";
  claims.claim(1, kFree, kPump, true, kStart + seconds(40), within);
  EXPECT_EQ(claims.claim(1, kFree, kThief, true, kStart + seconds(41), within), 2U) << "now both are there";
}

TEST(AddressClaims, AnAddressThatItsOwnerLeftMayBeTaken) {
  AddressClaims claims;
  const auto within = seconds(60);
  claims.claim(1, kFree, kPump, true, kStart, within);
  EXPECT_EQ(claims.claim(1, kFree, kThief, true, kStart + seconds(90), within), 0U);
  EXPECT_EQ(claims.claim(1, kFree, kPump, true, kStart + seconds(91), within), 1U) << "and is the other's then";
}

TEST(AddressClaims, SegmentsAndVirtualRoutersAreApart) {
  AddressClaims claims;
  claims.claim(1, kGateway, kRouter, false, kStart, seconds(60));
  EXPECT_EQ(claims.claim(2, kGateway, kThief, true, kStart, seconds(60)), 0U);
  EXPECT_EQ(claims.claim(1, kGateway, Mac{{0, 0, 0x5e, 0, 1, 7}}, true, kStart, seconds(60)), 0U);
}

TEST(AddressClaims, ProxyAnswersOfTheCoreAreNotJudged) {
  AddressClaims claims;
  claims.claim(1, kFree, kPump, true, kStart, seconds(60));
  EXPECT_EQ(claims.claim(1, kFree, kRouter, false, kStart, seconds(60)), 0U);
  EXPECT_EQ(claims.claim(1, kFree, kPump, true, kStart, seconds(60)), 0U);
}

TEST(AddressSweeps, CountTheDifferentAddressesThatOneStationAsksForInVain) {
  AddressSweeps sweeps;
  const auto within = seconds(60);
  std::uint32_t last = 0;
  for (std::uint32_t i = 0; i < 100; ++i) last = sweeps.asked(1, kThief, Address::v4(0x0a010000 + i), kStart, within);
  EXPECT_NEAR(last, 100, 12) << "counted by a sketch";
  EXPECT_EQ(sweeps.asked(1, kPump, kGateway, kStart, within), 1U) << "another station";
  EXPECT_EQ(sweeps.asked(1, kThief, kGateway, kStart + 3 * within, within), 1U) << "later";
}

TEST(AddressSweeps, WhoAsksForItsFewPeersAgainAndAgainOrIsAnsweredSweepsNothing) {
  AddressSweeps sweeps;
  const auto within = seconds(60);
  for (std::uint32_t i = 0; i < 1000; ++i)
    EXPECT_LE(sweeps.asked(1, kPump, Address::v4(0x0a010000 + i % 5), kStart + i, within), 6U);
  for (std::uint32_t i = 0; i < 200; ++i) {
    const auto peer = Address::v4(0x0a010000 + i);
    EXPECT_LE(sweeps.asked(1, kThief, peer, kStart, within), 12U) << i;
    sweeps.answered(1, kThief, peer, kStart, within);
  }
}

TEST(MacPlaces, ToAndFroIsCountedAndMovingOnceIsOne) {
  MacPlaces places;
  const auto within = seconds(120);
  EXPECT_EQ(places.seen(1, kPump, true, kStart, within), 0U);
  EXPECT_EQ(places.seen(1, kPump, false, kStart + seconds(5), within), 1U);
  EXPECT_EQ(places.seen(1, kPump, false, kStart + seconds(6), within), 0U) << "it stays there";
  EXPECT_EQ(places.seen(1, kPump, true, kStart + seconds(10), within), 2U);
}

TEST(MacPlaces, WhoIsSeenAgainWhereItStoodDidNotMove) {
  MacPlaces places;
  const auto within = seconds(120);
  const auto number = places.prefetch(1, kPump);
  EXPECT_FALSE(places.seen_again(number, 1, kPump, true, kStart)) << "not known yet";
  places.seen(1, kPump, true, kStart, within);
  EXPECT_TRUE(places.seen_again(number, 1, kPump, true, kStart + seconds(1)));
  EXPECT_FALSE(places.seen_again(number, 1, kPump, false, kStart + seconds(1))) << "on the other leg";
  EXPECT_FALSE(places.seen_again(number, 2, kPump, true, kStart + seconds(1))) << "in another segment";
  EXPECT_FALSE(places.seen_again(number, 1, kThief, true, kStart + seconds(1)));
  EXPECT_EQ(places.seen(1, kPump, false, kStart + seconds(1) + 1, within), 0U) << "heard just before";
}

TEST(MacPlaces, AFrameThatComesBackAtOnceIsTheSameFrame) {
  MacPlaces places;
  for (CoarseTick now = kStart; now < kStart + seconds(100); now += seconds(5)) {
    EXPECT_EQ(places.seen(1, kPump, true, now, seconds(120)), 0U);
    EXPECT_EQ(places.seen(1, kPump, false, now + 1, seconds(120)), 0U);
  }
}

TEST(MacPlaces, RoutersOfAGroupMayBeAnywhere) {
  MacPlaces places;
  for (const Mac& mac : {Mac{{0, 0, 0x5e, 0, 1, 9}}, Mac{{0, 0, 0x0c, 7, 0xac, 1}}, Mac{{0, 0, 0x0c, 0x9f, 0xf0, 1}}}) {
    places.seen(1, mac, true, kStart, seconds(60));
    EXPECT_EQ(places.seen(1, mac, false, kStart + seconds(5), seconds(60)), 0U);
  }
}

test::Bytes dhcp(std::uint8_t op, std::initializer_list<int> options) {
  test::Bytes message(236);
  message[0] = std::byte{op};
  for (const int byte : {0x63, 0x82, 0x53, 0x63}) message.push_back(std::byte(byte));
  for (const int byte : options) message.push_back(std::byte(byte));
  return message;
}

TEST(DhcpAnswer, AnOfferNamesItsServer) {
  const auto offer = read_dhcp_answer(dhcp(2, {53, 1, 2, 54, 4, 10, 1, 0, 9, 255}));
  EXPECT_TRUE(offer.is);
  EXPECT_EQ(offer.server, Address::v4(0x0a010009));
  EXPECT_TRUE(read_dhcp_answer(dhcp(2, {0, 53, 1, 5, 255})).is);
}

TEST(DhcpAnswer, RequestsAndRefusalsAndScrapsAreNone) {
  EXPECT_FALSE(read_dhcp_answer(dhcp(1, {53, 1, 1, 255})).is);
  EXPECT_FALSE(read_dhcp_answer(dhcp(2, {53, 1, 6, 255})).is) << "a refusal gives nothing";
  EXPECT_FALSE(read_dhcp_answer(dhcp(2, {53, 200})).is);
  EXPECT_FALSE(read_dhcp_answer({}).is);
}

}  // namespace
}  // namespace wardline::detect
