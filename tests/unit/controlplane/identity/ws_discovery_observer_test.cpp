#include <gmock/gmock.h>

#include "captured.h"
#include "observed.h"
#include "wire_bytes.h"

namespace wardline::identity {
namespace {

using namespace test;
using testing::ElementsAre;

std::string envelope(const std::string& kind, const std::string& types, const std::string& scopes) {
  return "<?xml version=\"1.0\"?><soap:Envelope><soap:Header><wsa:Action>x</wsa:Action></soap:Header><soap:Body><wsd:" +
         kind + "><wsd:ProbeMatch><wsd:Types>" + types + "</wsd:Types><wsd:Scopes>" + scopes +
         "</wsd:Scopes></wsd:ProbeMatch></wsd:" + kind + "></soap:Body></soap:Envelope>";
}

const std::string kCamera = envelope(
    "ProbeMatches", "dn:NetworkVideoTransmitter\n tds:Device",
    "onvif://www.onvif.org/type/video_encoder\n onvif://www.onvif.org/hardware/P3245 "
    "onvif://www.onvif.org/name/AXIS%20P3245 onvif://www.onvif.org/location/Ward%203 onvif://www.onvif.org/Profile/T");

Observations observed(const std::string& message, const char* app = "ws-discovery") {
  return observe(first_bytes(message), app);
}

TEST(WsDiscoveryObserver, TellsACamerasTypesAndScopes) {
  const auto told = observed(kCamera, "onvif");
  EXPECT_THAT(values_of(told, "wsd.type"), ElementsAre("NetworkVideoTransmitter", "Device"));
  EXPECT_EQ(value_of(told, "wsd.kind"), "video_encoder");
  EXPECT_EQ(value_of(told, "wsd.model"), "P3245");
  EXPECT_EQ(value_of(told, "wsd.name"), "AXIS P3245");
  EXPECT_EQ(value_of(told, "wsd.location"), "Ward 3");
  EXPECT_EQ(told.size(), 6U);
}

TEST(WsDiscoveryObserver, HelloAndResolveMatchesAreItsOwn) {
  for (const char* kind : {"Hello", "ProbeMatches", "ResolveMatches"})
    EXPECT_EQ(value_of(observed(envelope(kind, "pub:Computer", "")), "wsd.type"), "Computer") << kind;
}

TEST(WsDiscoveryObserver, WhatAProbeLooksForIsAnothers) {
  for (const char* kind : {"Probe", "Resolve", "Bye"})
    EXPECT_TRUE(observed(envelope(kind, "pub:Computer", "onvif://www.onvif.org/name/x")).empty()) << kind;
}

TEST(WsDiscoveryObserver, TellsAMedicalDevicesPlace) {
  const auto told =
      observed(envelope("Hello", "dpws:Device mdpws:MedicalDevice",
                        "sdc.mds.pkp:1.2.840.10004.20701.1.1 "
                        "sdc.ctxt.loc:/sdc.ctxt.loc.detail/x?fac=HOSP&amp;poc=CU%201&amp;bed=A&amp;who=me"),
               "sdc");
  EXPECT_THAT(values_of(told, "wsd.type"), ElementsAre("Device", "MedicalDevice"));
  EXPECT_EQ(value_of(told, "wsd.location"), "fac=HOSP,poc=CU 1,bed=A");
}

TEST(WsDiscoveryObserver, AScopeThatNamesAPatientIsNeverKept) {
  for (const char* scope : {
           "sdc.ctxt.pat:/sdc.ctxt.pat.detail/MRN-4711?name=Doe",
           "SDC.CTXT.PAT:/MRN-4711",
           "sdc.ctxt.loc:/x?bed=A&amp;poc=sdc.ctxt.pat:MRN-4711",
           "sdc.ctxt.loc:/x?bed=MRN-4711&amp;patient=Doe",
           "onvif://www.onvif.org/name/Patient%20MRN-4711",
           "onvif://www.onvif.org/location/%50%41tient/MRN-4711",
           "urn:hospital:MRN-4711",
       })
    EXPECT_TRUE(observed(envelope("Hello", "", scope), "sdc").empty()) << scope;
}

TEST(WsDiscoveryObserver, TheScopesBesideThatOfAPatientAreKept) {
  const auto told = observed(envelope("Hello", "", "sdc.ctxt.pat:/MRN-4711 sdc.ctxt.loc:/x?bed=A"));
  EXPECT_EQ(value_of(told, "wsd.location"), "bed=A");
  EXPECT_EQ(told.size(), 1U);
}

TEST(WsDiscoveryObserver, AListOfThousandsIsLookedAtOnlyInPart) {
  std::string types;
  for (int i = 0; i < 900; ++i) types += "a ";
  EXPECT_LE(observed(envelope("Hello", types, "")).size(), 64U);
}

TEST(WsDiscoveryObserver, AForgedLineIsEscaped) {
  EXPECT_EQ(value_of(observed(envelope("Hello", "", "onvif://www.onvif.org/name/a%0a2026%20ok")), "wsd.name"),
            "a\\u000a2026 ok");
}

TEST(WsDiscoveryObserver, EveryCutAndEveryBentByteIsReadWithoutHarm) {
  expect_cuts_tell_no_other(observe_ws_discovery, kCamera);
  expect_bent_bytes_are_harmless(observe_ws_discovery, kCamera);
}

}  // namespace
}  // namespace wardline::identity
