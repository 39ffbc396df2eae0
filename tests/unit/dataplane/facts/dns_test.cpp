#include <gtest/gtest.h>

#include "tests/unit/dataplane/facts/wire.h"

namespace wardline::facts {
namespace {

Wire header(unsigned questions = 1) {
  return Wire().u16(0x1234).u16(0x0100).u16(questions).u16(0).u16(0).u16(0);
}

Octets question(std::string_view encoded_name) {
  return header().text(encoded_name).u16(1).u16(1).octets;
}

std::string name_of(std::span<const std::byte> message) {
  return value(read(read_dns, message), Fact::kDnsName);
}

using std::string_view_literals::operator""sv;

TEST(DnsReader, AQuestionAndItsAnswerTellTheNameInLowerCase) {
  const auto message = question("\3WWW\7Example\3com\0"sv);
  EXPECT_EQ(name_of(message), "www.example.com");
  EXPECT_EQ(value(read(read_dns, message, false), Fact::kDnsName), "www.example.com");
  EXPECT_EQ(name_of(question("\0"sv)), ".");
}

TEST(DnsReader, WhatCannotBePrintedIsEscaped) {
  EXPECT_EQ(name_of(question("\4a.\\\xff\1b\0"sv)), "a\\046\\092\\255.b");
}

TEST(DnsReader, InTcpTheLengthStandsBefore) {
  const auto message = question("\1a\7example\0"sv);
  const auto framed = Wire().long_vector(message);
  EXPECT_EQ(value(read(read_dns_tcp, framed), Fact::kDnsName), "a.example");
  const auto cut = std::span(framed.octets).first(framed.octets.size() - 3);  // the name is there
  EXPECT_EQ(value(read(read_dns_tcp, cut), Fact::kDnsName), "a.example");
  EXPECT_TRUE(read(read_dns, framed).values().empty());
}

TEST(DnsReader, ACutNameSaysNothing) {
  const auto message = question("\3www\7example\3com\0"sv);
  for (std::size_t length = 0; length < message.size() - 4; ++length)
    EXPECT_EQ(name_of(std::span(message).first(length)), "") << length;
}

TEST(DnsReader, PointersAreFollowedAndLoopsEnd) {
  const auto forward = header().text("\1a\xc0\x10\2bc\0"sv);  // to the label behind it
  EXPECT_EQ(name_of(forward), "a.bc");
  EXPECT_EQ(name_of(header().text("\xc0\x0c"sv)), "");          // to itself
  EXPECT_EQ(name_of(header().text("\1a\xc0\x0c"sv)), "");       // to the label before it
  EXPECT_EQ(name_of(header().text("\xc0\x0e\xc0\x0c"sv)), "");  // to each other
  EXPECT_EQ(name_of(header().text("\xc3\xff"sv)), "");          // beyond the message
}

TEST(DnsReader, NamesThatAreTooLongAndUnknownLabelsSayNothing) {
  std::string name;
  for (int i = 0; i < 4; ++i) name += '\x3f' + std::string(63, 'a');
  EXPECT_EQ(name_of(question(name + '\0')), "");
  EXPECT_EQ(name_of(question("\x40"sv)), "");
  EXPECT_EQ(name_of(question("\x80"sv)), "");
}

TEST(DnsReader, OnlyASingleQuestionIsRead) {
  EXPECT_EQ(name_of(header(0).text("\1a\0"sv)), "");
  EXPECT_EQ(name_of(header(2).text("\1a\0"sv)), "");
}

}  // namespace
}  // namespace wardline::facts
