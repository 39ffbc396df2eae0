#include "controlplane/inventory/address_text.h"

#include <gtest/gtest.h>

namespace wardline::inventory {
namespace {

TEST(AddressText, ReadsWhatItWrote) {
  for (const char* text : {"10.1.2.3", "0.0.0.0", "255.255.255.255", "fe80::1", "2001:db8::a:0:1", "::"}) {
    const auto address = parse_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(text_of(*address), text);
  }
  const auto mac = parse_mac("00:03:B1:a2:c3:d4");
  ASSERT_TRUE(mac);
  EXPECT_EQ(text_of(*mac), "00:03:b1:a2:c3:d4");
}

TEST(AddressText, RefusesWhatIsNoAddress) {
  for (const char* text : {"", "10.1.2", "10.1.2.256", "10.1.2.3/24", "fe80::1%eth0", "pump"})
    EXPECT_FALSE(parse_address(text)) << text;
  for (const char* text : {"", "00:03:b1:a2:c3", "00:03:b1:a2:c3:d4:e5", "00-03-b1-a2-c3-d4", "0g:03:b1:a2:c3:d4"})
    EXPECT_FALSE(parse_mac(text)) << text;
}

}  // namespace
}  // namespace wardline::inventory
