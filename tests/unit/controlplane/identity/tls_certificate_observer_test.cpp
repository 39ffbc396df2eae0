#include <gtest/gtest.h>

#include "hostile.h"
#include "observed.h"

namespace wardline::identity {
namespace {

using test::By;
using test::observed;
using test::value_of;
using namespace std::string_literals;

std::string der(std::uint8_t tag, const std::string& value) {
  const auto size = static_cast<unsigned>(value.size());
  const auto length = size < 0x80 ? std::string{static_cast<char>(size)} : "\x82"s + test::big16(size);
  return std::string{static_cast<char>(tag)} + length + value;
}

std::string attribute(char type, const std::string& text) {
  return der(0x31, der(0x30, der(0x06, "\x55\x04"s + type) + der(0x0c, text)));
}

std::string certificate(const std::string& subject) {
  const auto issuer = der(0x30, attribute('\x0a', "Maker CA"));
  const auto tbs =
      der(0x30, der(0xa0, der(0x02, "\x02")) + der(0x02, "\x11\x22") + der(0x30, der(0x06, "\x2a")) + issuer +
                    der(0x30, der(0x17, "261121000000Z")) + der(0x30, subject) + der(0x30, std::string(300, '\x5a')));
  return der(0x30, tbs + der(0x30, "") + der(0x03, std::string(64, '\x01')));
}

std::string long24(std::size_t size) {
  return "\0"s + test::big16(static_cast<unsigned>(size));
}

std::string handshake(std::uint8_t type, const std::string& body) {
  return std::string{static_cast<char>(type)} + long24(body.size()) + body;
}

std::string record(std::uint8_t type, const std::string& content) {
  return std::string{static_cast<char>(type)} + "\x03\x03" + test::big16(static_cast<unsigned>(content.size())) +
         content;
}

std::string certificates(const std::string& first) {
  const auto list = long24(first.size()) + first;
  return handshake(11, long24(list.size()) + list);
}

const std::string kHello = handshake(2, std::string(70, '\x02'));
const std::string kSubject =
    attribute('\x06', "DE") + attribute('\x0a', "Maker AG") + attribute('\x03', "pump-0042.ward.example");

TEST(TlsCertificateObserver, AServersCertificateTellsItsNamesAndWhoIssuedIt) {
  const auto told = observed("tls", By::kServer, record(22, kHello) + record(22, certificates(certificate(kSubject))));
  EXPECT_EQ(value_of(told, "tls.subject"), "pump-0042.ward.example");
  EXPECT_EQ(value_of(told, "tls.subject_organisation"), "Maker AG");
  EXPECT_EQ(value_of(told, "tls.issuer_organisation"), "Maker CA");
}

TEST(TlsCertificateObserver, ACertificateInSeveralRecordsIsPutTogether) {
  const auto all = kHello + certificates(certificate(kSubject));
  const auto told = observed("dicom-tls", By::kServer, record(22, all.substr(0, 150)) + record(22, all.substr(150)));
  EXPECT_EQ(value_of(told, "tls.subject"), "pump-0042.ward.example");
}

TEST(TlsCertificateObserver, TheNamesAreToldThoughTheKeyIsCutOff) {
  const auto bytes = record(22, kHello + certificates(certificate(kSubject)));
  EXPECT_EQ(value_of(observed("tls", By::kServer, bytes.substr(0, bytes.size() - 200)), "tls.subject"),
            "pump-0042.ward.example");
}

TEST(TlsCertificateObserver, AClientsCertificateIsAPersons) {
  EXPECT_TRUE(observed("tls", By::kClient, record(22, certificates(certificate(kSubject)))).empty());
}

TEST(TlsCertificateObserver, WhatIsSealedIsNotRead) {
  EXPECT_TRUE(observed("tls", By::kServer,
                       record(22, kHello) + record(20, "\x01") + record(22, certificates(certificate(kSubject))))
                  .empty());
}

TEST(TlsCertificateObserver, ALengthWithoutEndTellsNothing) {
  auto bytes = certificate(kSubject);
  bytes[1] = '\x80';
  EXPECT_TRUE(observed("tls", By::kServer, record(22, certificates(bytes))).empty());
}

TEST(TlsCertificateObserver, StandsUpToHostileBytes) {
  test::expect_stands_up_to_hostile_bytes("tls", By::kServer, record(22, kHello + certificates(certificate(kSubject))));
}

}  // namespace
}  // namespace wardline::identity
