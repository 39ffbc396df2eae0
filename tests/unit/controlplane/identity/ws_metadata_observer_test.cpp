#include <gmock/gmock.h>

#include "captured.h"
#include "observed.h"
#include "wire_bytes.h"

namespace wardline::identity {
namespace {

using namespace test;

std::string metadata(const std::string& computer) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\n\r\n"
         "<soap:Envelope xmlns:wsdp=\"http://schemas.xmlsoap.org/ws/2006/02/devprof\"><wsdp:ThisModel>"
         "<wsdp:Manufacturer xml:lang=\"en\">Acme</wsdp:Manufacturer><wsdp:ModelName>V500</wsdp:ModelName>"
         "<wsdp:ModelNumber>7</wsdp:ModelNumber></wsdp:ThisModel><wsdp:ThisDevice>"
         "<wsdp:FriendlyName>Patient monitor</wsdp:FriendlyName><wsdp:FirmwareVersion>2.1</wsdp:FirmwareVersion>"
         "<wsdp:SerialNumber>ASDF-0042</wsdp:SerialNumber></wsdp:ThisDevice><pub:Computer>" +
         computer + "</pub:Computer></soap:Envelope>";
}

TEST(WsMetadataObserver, TellsModelDeviceAndComputer) {
  const auto told = observe(first_bytes(metadata("RADWS07/Workgroup:RADIOLOGY")), "http");
  EXPECT_EQ(value_of(told, "wsd.vendor"), "Acme");
  EXPECT_EQ(value_of(told, "wsd.model"), "V500");
  EXPECT_EQ(value_of(told, "wsd.model_number"), "7");
  EXPECT_EQ(value_of(told, "wsd.name"), "Patient monitor");
  EXPECT_EQ(value_of(told, "wsd.firmware"), "2.1");
  EXPECT_EQ(value_of(told, "wsd.serial"), "ASDF-0042");
  EXPECT_EQ(value_of(told, "wsd.hostname"), "RADWS07");
  EXPECT_EQ(value_of(told, "wsd.workgroup"), "RADIOLOGY");
}

TEST(WsMetadataObserver, AComputerInADomainIsReadAlike) {
  const auto told = observe(first_bytes(metadata("RADWS07/Domain:HOSP")), "http");
  EXPECT_EQ(value_of(told, "wsd.hostname"), "RADWS07");
  EXPECT_EQ(value_of(told, "wsd.workgroup"), "HOSP");
}

TEST(WsMetadataObserver, OtherDocumentsAreNotRead) {
  EXPECT_TRUE(observe(first_bytes("HTTP/1.1 200 OK\r\n\r\n<a><Manufacturer>Acme</Manufacturer></a>"), "http").empty());
}

TEST(WsMetadataObserver, EveryCutAndEveryBentByteIsReadWithoutHarm) {
  expect_cuts_tell_no_other(observe_ws_metadata, metadata("RADWS07/Domain:HOSP"));
  expect_bent_bytes_are_harmless(observe_ws_metadata, metadata("RADWS07/Domain:HOSP"));
}

}  // namespace
}  // namespace wardline::identity
