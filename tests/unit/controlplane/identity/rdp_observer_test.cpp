#include <gtest/gtest.h>

#include "hostile.h"
#include "observed.h"

namespace wardline::identity {
namespace {

using test::By;
using test::little16;
using test::little32;
using test::observed;
using test::value_of;
using namespace std::string_literals;

std::string tpkt(const std::string& tpdu) {
  return "\x03\x00"s + test::big16(static_cast<unsigned>(tpdu.size() + 4)) + tpdu;
}

std::string connection_request() {
  const auto cookie = "Cookie: mstshash=miller\r\n\x01\x00\x08\x00\x00\x00\x00\x00"s;
  return tpkt(static_cast<char>(6 + cookie.size()) + "\xe0\x00\x00\x00\x00\x00"s + cookie);
}

std::string core(std::string name, unsigned build) {
  name = test::utf16(name);
  name.resize(32);
  const auto data = little32(0x00080004) + std::string(12, '\x01') + little32(build) + name + std::string(8, '\0');
  return little16(0xc001) + little16(static_cast<unsigned>(data.size() + 4)) + data;
}

std::string connect_initial(const std::string& blocks) {
  return tpkt("\x02\xf0\x80\x7f\x65\x82\x01\x00"s + std::string(20, '\x04') + "Duca\x81\x00"s + blocks);
}

const std::string kNet = little16(0xc003) + little16(8) + little32(0);

TEST(RdpObserver, AClientTellsItsNameAndBuild) {
  const auto told =
      observed("rdp", By::kClient, connection_request() + connect_initial(kNet + core("VIEWER-3", 19041)));
  EXPECT_EQ(value_of(told, "rdp.client_name"), "VIEWER-3");
  EXPECT_EQ(value_of(told, "rdp.client_build"), "19041");
  EXPECT_EQ(told.size(), 2U);
}

TEST(RdpObserver, TheUserInTheCookieIsNeverTold) {
  EXPECT_TRUE(observed("rdp", By::kClient, connection_request()).empty());
  for (const auto& each : observed("rdp", By::kClient, connection_request() + connect_initial(core("A", 1))))
    EXPECT_FALSE(each.value.contains("miller"));
}

TEST(RdpObserver, AServerTellsNothing) {
  EXPECT_TRUE(observed("rdp", By::kServer, connect_initial(core("A", 1))).empty());
}

TEST(RdpObserver, ABlockShorterThanItsHeaderEndsTheSettings) {
  EXPECT_TRUE(observed("rdp", By::kClient, connect_initial(little16(0xc003) + little16(0) + core("A", 1))).empty());
}

TEST(RdpObserver, StandsUpToHostileBytes) {
  test::expect_stands_up_to_hostile_bytes("rdp", By::kClient,
                                          connection_request() + connect_initial(kNet + core("VIEWER-3", 19041)));
}

}  // namespace
}  // namespace wardline::identity
