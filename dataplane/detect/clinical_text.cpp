#include "dataplane/detect/clinical_text.h"

#include <emmintrin.h>

#include <algorithm>

namespace wardline::detect {

namespace {

bool has(std::string_view text, std::string_view wanted) {
  return text.find(wanted) != std::string_view::npos;
}

// The element (0010,0010), a patient's name, in little endian with or without its type (PS3.5, 7.1), with a plausible
// length: of explicit ones `PN` and 16 bits, of implicit ones 32 bits.
bool has_dicom_name(std::string_view bytes) {
  using namespace std::string_view_literals;
  constexpr auto kTag = "\x10\x00\x10\x00"sv;
  constexpr std::size_t kLongest = 324;  // five groups of 64 and what joins them (PS3.5, 6.2)
  for (auto at = bytes.find(kTag); at != std::string_view::npos; at = bytes.find(kTag, at + 1)) {
    const auto rest = bytes.substr(at + kTag.size());
    if (rest.size() < 5) return false;
    const auto u16 = [&](std::size_t i) {
      return static_cast<std::uint8_t>(rest[i]) +
             static_cast<std::size_t>(static_cast<std::uint8_t>(rest[i + 1])) * 256;
    };
    const bool typed = rest.starts_with("PN");
    if (typed && rest.size() < 7) return false;
    const std::size_t length = typed ? u16(2) : u16(0);
    if (!typed && u16(2) != 0) continue;
    const char first = rest[4];
    if (length > 1 && length <= kLongest && static_cast<std::uint8_t>(first) > 0x20) return true;
  }
  return false;
}

// Whether a byte is there that each of the markers below has one of: one pass, where most payloads need no other.
bool may_have_marker(std::string_view bytes) {
  constexpr char kInHl7 = '|', kInFhir = '"', kInDicom = '\x10';
  const auto any_in = [](const char* at) {  // of 16 bytes; SSE2 is part of every x86-64
    const auto some = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto is = [&](char wanted) { return _mm_cmpeq_epi8(some, _mm_set1_epi8(wanted)); };
    return _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(is(kInHl7), is(kInFhir)), is(kInDicom))) != 0;
  };
  constexpr std::size_t kStep = 16;
  if (bytes.size() < kStep) return bytes.find_first_of(std::string_view("|\"\x10")) != std::string_view::npos;
  for (std::size_t at = 0; at + kStep < bytes.size(); at += kStep)
    if (any_in(bytes.data() + at)) return true;
  return any_in(bytes.data() + bytes.size() - kStep);
}

}  // namespace

std::string_view patient_data_in(std::span<const std::byte> payload) {
  constexpr std::size_t kRead = 4096;
  const std::string_view bytes(reinterpret_cast<const char*>(payload.data()), std::min(payload.size(), kRead));
  if (!may_have_marker(bytes)) return {};
  if (has(bytes, "\rPID|") || has(bytes, "\nPID|")) return "HL7 PID";
  if (has(bytes, "\"resourceType\":\"Patient\"") || has(bytes, "\"resourceType\": \"Patient\"")) return "FHIR Patient";
  if (has_dicom_name(bytes)) return "DICOM name";
  return {};
}

}  // namespace wardline::detect
