#include <gmock/gmock.h>

#include "captured.h"
#include "controlplane/identity/dns_message.h"
#include "observed.h"
#include "wire_bytes.h"

namespace wardline::identity {
namespace {

using namespace test;
using testing::ElementsAre;

constexpr unsigned kResponse = 0x8400, kQuery = 0;

std::string text_records(std::initializer_list<std::string> pairs) {
  std::string data;
  for (const auto& pair : pairs) data += u8(static_cast<unsigned>(pair.size())) + pair;
  return data;
}

std::string address_of(std::string_view host, std::uint32_t ttl = 120) {
  return dns_record(dns_name(host), kDnsA, u32(0x0a0a0a06), ttl);
}

// A printer's answer: the service points to its instance, and that to the host.
std::string printer() {
  const auto instance = u8(12) + "Ward 3 Laser" + dns_name("_ipp._tcp.local");
  return dns_header(kResponse, {.answers = 1, .additionals = 3}) +
         dns_record(dns_name("_ipp._tcp.local"), kDnsPtr, instance) +
         dns_record(instance, kDnsSrv, u16(0) + u16(0) + u16(631) + dns_name("prn-w3.local")) +
         dns_record(instance, kDnsTxt,
                    text_records({"txtvers=1", "TY=Laser 400", "product=(Laser 400 Series)", "usb_MFG=Acme",
                                  "note=4th floor", "fv=2.7", "sn=VN1234", "flag"})) +
         address_of("prn-w3.local");
}

Observations observed(const std::string& message) {
  return observe(first_bytes(message), "mdns");
}

TEST(MdnsObserver, TellsAPrintersServiceInstanceHostAndProduct) {
  const auto told = observed(printer());
  EXPECT_THAT(values_of(told, "mdns.hostname"), ElementsAre("prn-w3"));
  EXPECT_THAT(values_of(told, "mdns.service"), ElementsAre("_ipp._tcp"));
  EXPECT_THAT(values_of(told, "mdns.instance"), ElementsAre("Ward 3 Laser"));
  EXPECT_THAT(values_of(told, "mdns.model"), ElementsAre("Laser 400", "Laser 400 Series"));
  EXPECT_THAT(values_of(told, "mdns.vendor"), ElementsAre("Acme"));
  EXPECT_THAT(values_of(told, "mdns.firmware"), ElementsAre("2.7"));
  EXPECT_THAT(values_of(told, "mdns.serial"), ElementsAre("VN1234"));
}

TEST(MdnsObserver, FollowsPointersToWhatStandsBefore) {
  const auto message = dns_header(kResponse, {.answers = 2}) + address_of("cam-7.local") +
                       dns_record(u8(4) + "Door" + u8(5) + "_http" + u8(4) + "_tcp" + u16(0xc000 | (12 + 6)), kDnsTxt,
                                  text_records({"model=C7"}));
  const auto told = observed(message);
  EXPECT_EQ(value_of(told, "mdns.instance"), "Door");
  EXPECT_EQ(value_of(told, "mdns.service"), "_http._tcp");
  EXPECT_EQ(value_of(told, "mdns.model"), "C7");
}

TEST(MdnsObserver, ListsTheServicesThatAreEnumerated) {
  const auto told =
      observed(dns_header(kResponse, {.answers = 1}) +
               dns_record(dns_name("_services._dns-sd._udp.local"), kDnsPtr, dns_name("_dicom._tcp.local")));
  EXPECT_THAT(values_of(told, "mdns.service"), ElementsAre("_dicom._tcp"));
  EXPECT_EQ(value_of(told, "mdns.instance"), "");
}

TEST(MdnsObserver, WhatAQueryAsksForAndKnowsOfOthersIsNotItsOwn) {
  const auto told = observed(dns_header(kQuery, {.questions = 1, .answers = 1}) + dns_name("_ipp._tcp.local") +
                             u16(kDnsPtr) + u16(1) + address_of("another.local"));
  EXPECT_TRUE(told.empty());
}

TEST(MdnsObserver, AProbeTellsWhatItIsAboutToClaim) {
  const auto told = observed(dns_header(kQuery, {.questions = 1, .authorities = 1}) + dns_name("pump-1.local") +
                             u16(255) + u16(1) + address_of("pump-1.local"));
  EXPECT_EQ(value_of(told, "mdns.hostname"), "pump-1");
}

TEST(MdnsObserver, AGoodbyeClaimsNothing) {
  EXPECT_TRUE(observed(dns_header(kResponse, {.answers = 1}) + address_of("old-name.local", 0)).empty());
}

TEST(MdnsObserver, NamesOutsideOfTheLinkAreNoHostNames) {
  EXPECT_TRUE(observed(dns_header(kResponse, {.answers = 1}) + address_of("www.example.com")).empty());
}

TEST(MdnsObserver, AForgedLineInAnInstanceIsEscaped) {
  const auto instance = u8(10) + "a\n2026 ok:" + dns_name("_ipp._tcp.local");
  const auto told = observed(dns_header(kResponse, {.answers = 1}) + dns_record(instance, kDnsTxt, ""));
  EXPECT_EQ(value_of(told, "mdns.instance"), "a\\u000a2026 ok:");
}

TEST(MdnsObserver, PointersInACircleOrForwardEndTheReading) {
  const auto good = address_of("cam-7.local");
  const auto own = static_cast<unsigned>(12 + good.size());
  for (const unsigned target : {own, own + 1, 0x3fffU}) {  // itself, within itself, beyond the end
    const auto told = observed(dns_header(kResponse, {.answers = 3}) + good +
                               dns_record(u16(0xc000 | target), kDnsA, u32(1)) + address_of("later.local"));
    EXPECT_THAT(values_of(told, "mdns.hostname"), ElementsAre("cam-7")) << target;
  }
}

TEST(MdnsObserver, AServiceRecordTooShortForItsTargetNamesNoHost) {
  const auto told = observed(dns_header(kResponse, {.answers = 1}) +
                             dns_record(dns_name("_http._tcp.local"), kDnsSrv, u16(0) + u16(0)));
  EXPECT_EQ(value_of(told, "mdns.hostname"), "");
}

TEST(MdnsObserver, ANameOfMoreThan255BytesIsNone) {
  std::string name;
  for (int i = 0; i < 5; ++i) name += u8(63) + std::string(63, 'x');
  const auto told =
      observed(dns_header(kResponse, {.answers = 1}) + dns_record(name + dns_name("local"), kDnsA, u32(1)));
  EXPECT_TRUE(told.empty());
}

TEST(MdnsObserver, EveryCutAndEveryBentByteIsReadWithoutHarm) {
  expect_cuts_tell_no_other(observe_mdns, printer());
  expect_bent_bytes_are_harmless(observe_mdns, printer());
}

}  // namespace
}  // namespace wardline::identity
