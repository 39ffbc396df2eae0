#include <gmock/gmock.h>

#include "captured.h"
#include "observed.h"
#include "wire_bytes.h"

namespace wardline::identity {
namespace {

using namespace test;

const std::string kNotify =
    "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nserver:Linux/3.14 UPnP/1.0 Bridge/1.9\r\n"
    "NT: urn:schemas-upnp-org:device:Basic:1\r\nNTS: ssdp:alive\r\n\r\n";

Observations observed(const std::string& message) {
  return observe(first_bytes(message), "ssdp");
}

TEST(SsdpObserver, AnAnnouncementTellsProgramAndTypeOfDevice) {
  const auto told = observed(kNotify);
  EXPECT_EQ(value_of(told, "ssdp.server"), "Linux/3.14 UPnP/1.0 Bridge/1.9");
  EXPECT_EQ(value_of(told, "ssdp.device_type"), "urn:schemas-upnp-org:device:Basic:1");
}

TEST(SsdpObserver, AnAnswerTellsWhatItWasFoundAs) {
  const auto told = observed("HTTP/1.1 200 OK\r\nSERVER: Acme\r\nST: urn:schemas-upnp-org:device:Printer:1\r\n\r\n");
  EXPECT_EQ(value_of(told, "ssdp.server"), "Acme");
  EXPECT_EQ(value_of(told, "ssdp.device_type"), "urn:schemas-upnp-org:device:Printer:1");
}

TEST(SsdpObserver, ServicesAndIdentifiersAreNoTypeOfDevice) {
  for (const char* target : {"upnp:rootdevice", "uuid:1234", "urn:schemas-upnp-org:service:ContentDirectory:1"})
    EXPECT_TRUE(observed("NOTIFY * HTTP/1.1\r\nNT: " + std::string(target) + "\r\n\r\n").empty()) << target;
}

TEST(SsdpObserver, ASearchTellsWhoSearchesAndNotForWhat) {
  const auto told = observed(
      "M-SEARCH * HTTP/1.1\r\nST: urn:schemas-upnp-org:device:Printer:1\r\n"
      "USER-AGENT: Chrome/99 Mac OS X\r\nSERVER: none\r\n\r\n");
  EXPECT_EQ(value_of(told, "ssdp.user_agent"), "Chrome/99 Mac OS X");
  EXPECT_EQ(told.size(), 1U);
}

TEST(SsdpObserver, AValueIsEscapedAndBounded) {
  const auto told = observed("NOTIFY * HTTP/1.1\r\nSERVER: a\x1b[2J" + std::string(1500, 's') + "\r\n\r\n");
  EXPECT_TRUE(value_of(told, "ssdp.server").starts_with("a\\u001b[2Js"));
  EXPECT_LE(value_of(told, "ssdp.server").size(), 256U);
}

TEST(SsdpObserver, EveryCutAndEveryBentByteIsReadWithoutHarm) {
  expect_cuts_tell_no_other(observe_ssdp, kNotify);
  expect_bent_bytes_are_harmless(observe_ssdp, kNotify);
}

}  // namespace
}  // namespace wardline::identity
