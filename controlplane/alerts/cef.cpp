#include "controlplane/alerts/cef.h"

#include <fmt/format.h>

#include <algorithm>

#include "controlplane/alerts/text.h"

namespace wardline::alerts {

namespace {

constexpr std::string_view kVendor = "Wardline", kProduct = "Wardline";
constexpr std::size_t kMostCustom = 4000;

bool control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

std::string escape_header(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '|') out += '\\';
    out += control(c) ? ' ' : c;
  }
  return out;
}

std::string escape_value(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else {
      if (c == '\\' || c == '=') out += '\\';
      out += control(c) ? ' ' : c;
    }
  }
  return out;
}

CefMessage::CefMessage(std::string_view version, std::string_view signature_id, std::string_view name, int severity)
    : header_(fmt::format("CEF:0|{}|{}|{}|{}|{}|{}|", kVendor, kProduct, escape_header(sanitized(version, 31)),
                          escape_header(signature_id), escape_header(sanitized(name, 512)),
                          std::clamp(severity, 0, 10))) {}

void CefMessage::put(std::string_view key, std::string_view value, std::size_t most) {
  if (value.empty() || std::find(used_.begin(), used_.end(), key) != used_.end()) return;
  auto clean = sanitized(value, most);
  // A reader finds a value's end by the next ` key=`, so blanks at its end would be lost or misread.
  while (!clean.empty() && clean.back() == ' ') clean.pop_back();
  if (clean.empty()) return;
  used_.emplace_back(key);
  if (!extension_.empty()) extension_ += ' ';
  extension_ += fmt::format("{}={}", key, escape_value(clean));
}

void CefMessage::put_number(std::string_view key, std::uint64_t value) {
  put(key, std::to_string(value));
}

void CefMessage::put_custom(std::string_view key, std::string_view label, std::string_view value) {
  if (value.empty()) return;
  put(key, value, kMostCustom);
  put(fmt::format("{}Label", key), label);
}

std::string CefMessage::text() const {
  return header_ + extension_;
}

}  // namespace wardline::alerts
