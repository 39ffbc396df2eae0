#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "controlplane/identity/observers.h"

// Messages made by hand, and what must hold of every observer whatever the bytes are.
namespace wardline::identity::test {

inline std::string u8(unsigned number) {
  return {static_cast<char>(number)};
}
inline std::string u16(unsigned number) {
  return u8(number >> 8) + u8(number);
}
inline std::string u32(std::uint32_t number) {
  return u16(number >> 16) + u16(number);
}

// "pump.local" as the DNS writes it (RFC 1035, 3.1).
inline std::string dns_name(std::string_view dotted) {
  std::string encoded;
  while (!dotted.empty()) {
    const auto label = dotted.substr(0, dotted.find('.'));
    encoded += u8(static_cast<unsigned>(label.size())) + std::string(label);
    dotted.remove_prefix(std::min(dotted.size(), label.size() + 1));
  }
  return encoded + '\0';
}

struct DnsCounts {
  unsigned questions = 0, answers = 0, authorities = 0, additionals = 0;
};

inline std::string dns_header(unsigned flags, const DnsCounts& counts) {
  return u16(0) + u16(flags) + u16(counts.questions) + u16(counts.answers) + u16(counts.authorities) +
         u16(counts.additionals);
}

// `name` is encoded already.
inline std::string dns_record(const std::string& name, unsigned type, const std::string& data,
                              std::uint32_t ttl = 120) {
  return name + u16(type) + u16(1) + u32(ttl) + u16(static_cast<unsigned>(data.size())) + data;
}

using Observer = void (*)(Bytes, const Speech&, Observations&);

// From memory that ends where the message ends.
inline Observations told_of(Observer observer, const std::string& message) {
  const std::vector<char> exact(message.begin(), message.end());
  Observations out;
  observer(std::as_bytes(std::span(exact)), {}, out);
  return out;
}

// Of a message that is cut off anywhere nothing is told but what the whole one tells.
inline void expect_cuts_tell_no_other(Observer observer, const std::string& whole) {
  const auto all = told_of(observer, whole);
  EXPECT_FALSE(all.empty());
  for (std::size_t length = 0; length < whole.size(); ++length)
    for (const auto& told : told_of(observer, whole.substr(0, length)))
      EXPECT_TRUE(std::ranges::any_of(
          all, [&](const Observation& each) { return each.attribute == told.attribute && each.value == told.value; }))
          << told.attribute << " = " << told.value << " after " << length << " bytes";
}

// Whatever one byte is turned into, values stay within their bound.
inline void expect_bent_bytes_are_harmless(Observer observer, const std::string& whole) {
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char value : {'\x00', '\x7f', '\xc0', '\xff'}) {
      auto bent = whole;
      bent[at] = value;
      for (const auto& told : told_of(observer, bent)) EXPECT_LE(told.value.size(), 256U);
    }
  }
}

}  // namespace wardline::identity::test
