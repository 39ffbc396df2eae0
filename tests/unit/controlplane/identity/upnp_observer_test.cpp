#include <gmock/gmock.h>

#include "captured.h"
#include "observed.h"
#include "wire_bytes.h"

namespace wardline::identity {
namespace {

using namespace test;
using testing::ElementsAre;

const std::string kHead = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n";
const std::string kDescription =
    kHead +
    "<?xml version=\"1.0\"?>\n<root xmlns=\"urn:schemas-upnp-org:device-1-0\"><device>\n"
    "<friendlyName>Hall &amp; lobby</friendlyName><manufacturer>Acme</manufacturer><modelName >Bridge</modelName>\n"
    "<modelNumber>BSB002</modelNumber><serialNumber>0017882476ff</serialNumber><UDN/>\n"
    "<deviceList><device><manufacturer>Another</manufacturer></device></deviceList></device></root>";

Observations observed(const std::string& answer) {
  return observe(first_bytes(answer), "http");
}

TEST(UpnpObserver, ADescriptionTellsTheRootDevicesProduct) {
  const auto told = observed(kDescription);
  EXPECT_EQ(value_of(told, "upnp.name"), "Hall & lobby");
  EXPECT_THAT(values_of(told, "upnp.vendor"), ElementsAre("Acme"));
  EXPECT_EQ(value_of(told, "upnp.model"), "Bridge");
  EXPECT_EQ(value_of(told, "upnp.model_number"), "BSB002");
  EXPECT_EQ(value_of(told, "upnp.serial"), "0017882476ff");
}

TEST(UpnpObserver, OtherDocumentsAreNotRead) {
  EXPECT_TRUE(observed(kHead + "<patient><manufacturer>Acme</manufacturer></patient>").empty());
}

TEST(UpnpObserver, WhatADeviceUploadsIsNoAnswer) {
  auto request = kDescription;
  request.replace(0, 15, "POST / HTTP/1.1");
  EXPECT_TRUE(observed(request).empty());
}

TEST(UpnpObserver, EveryCutAndEveryBentByteIsReadWithoutHarm) {
  expect_cuts_tell_no_other(observe_device_description, kDescription);
  expect_bent_bytes_are_harmless(observe_device_description, kDescription);
}

}  // namespace
}  // namespace wardline::identity
