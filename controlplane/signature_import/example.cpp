#include "controlplane/signature_import/example.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

namespace wardline::signature_import {
namespace {

constexpr std::size_t kLongestExample = 6000;

// Bytes with some of them taken.
class Canvas {
 public:
  explicit Canvas(char filler) : filler_(filler) {}

  bool put(const PatternText& pattern) {
    const auto& sample = pattern.sample;
    const auto last = pattern.sample_to < 0 ? static_cast<std::int64_t>(kLongestExample) : pattern.sample_to;
    for (auto at = static_cast<std::size_t>(pattern.sample_from); static_cast<std::int64_t>(at) <= last; ++at) {
      if (!fits(at, sample)) continue;
      if (bytes_.size() < at + sample.size()) {
        bytes_.resize(at + sample.size(), filler_);
        taken_.resize(at + sample.size(), false);
      }
      std::ranges::copy(sample, bytes_.begin() + static_cast<std::ptrdiff_t>(at));
      std::fill_n(taken_.begin() + static_cast<std::ptrdiff_t>(at), sample.size(), true);
      return true;
    }
    return false;
  }

  std::string bytes_;

 private:
  bool fits(std::size_t at, const std::string& sample) const {
    for (std::size_t i = 0; i < sample.size() && at + i < bytes_.size(); ++i)
      if (taken_[at + i] && bytes_[at + i] != sample[i]) return false;
    return at + sample.size() <= kLongestExample;
  }

  char filler_;
  std::vector<bool> taken_;
};

using Parts = std::map<std::string_view, std::string>;  // by the buffer's name

std::string part(const Parts& parts, std::string_view name, std::string_view otherwise) {
  const auto found = parts.find(name);
  return found == parts.end() ? std::string(otherwise) : found->second;
}

std::string http_request(const Parts& parts) {
  auto uri = part(parts, "http.uri", part(parts, "http.uri.raw", "/"));
  std::string text = part(parts, "http.method", "GET") + " " + uri + " HTTP/1.1\r\n";
  text += "Host: " + part(parts, "http.host", "example") + "\r\n";
  for (const auto& [name, header] :
       {std::pair{"http.user_agent", "User-Agent"}, std::pair{"http.cookie", "Cookie"},
        std::pair{"http.referer", "Referer"}, std::pair{"http.content_type", "Content-Type"},
        std::pair{"http.accept", "Accept"}})
    if (parts.contains(name)) text += std::string(header) + ": " + parts.at(name) + "\r\n";
  if (parts.contains("http.header")) {
    text += parts.at("http.header");
    if (!text.ends_with("\r\n")) text += "\r\n";
  }
  return text + "\r\n" + part(parts, "http.request_body", "");
}

std::string http_response(const Parts& parts) {
  std::string text = "HTTP/1.1 " + part(parts, "http.stat_code", "200") + " OK\r\n";
  if (parts.contains("http.server")) text += "Server: " + parts.at("http.server") + "\r\n";
  return text + "\r\n" + part(parts, "http.response_body", "");
}

// A question for the name (RFC 1035, 4.1).
std::string dns_question(std::string_view name) {
  std::string text("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12);
  const std::string whole = (name.starts_with('.') ? "x" : "") + std::string(name);  // a dot has a label before it
  name = whole;
  while (!name.empty()) {
    const auto label = name.substr(0, std::min<std::size_t>(name.find('.'), 63));
    if (label.empty()) break;
    text += static_cast<char>(label.size());
    text += label;
    name.remove_prefix(std::min(label.size() + 1, name.size()));
  }
  return text + std::string("\x00\x00\x01\x00\x01", 5);
}

// A ClientHello of TLS 1.2 with one cipher suite and this server name (RFC 5246, 7.4.1.2; RFC 6066, 3).
std::string tls_hello(const std::string& name) {
  const auto number = [](std::size_t value, int bytes) {
    std::string text;
    for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i) & 0xff);
    return text;
  };
  const auto entry = std::string(1, '\0') + number(name.size(), 2) + name;
  const auto list = number(entry.size(), 2) + entry;
  const auto extension = number(0, 2) + number(list.size(), 2) + list;
  const auto body = std::string("\x03\x03") + std::string(32, 'r') + std::string(1, '\0') + number(2, 2) +
                    std::string("\x13\x01") + std::string("\x01\x00", 2) + number(extension.size(), 2) + extension;
  const auto hello = std::string("\x01") + number(body.size(), 3) + body;
  return std::string("\x16\x03\x01") + number(hello.size(), 2) + hello;
}

std::optional<std::string> fill(std::span<const PatternText> patterns, std::string_view buffer, char filler) {
  Canvas canvas(filler);
  std::vector<const PatternText*> ordered;
  for (const auto& pattern : patterns)
    if (pattern.buffer->name == buffer && !pattern.negated) ordered.push_back(&pattern);
  // Those with a narrow place first, those that must be the last at the end.
  std::ranges::stable_sort(ordered, {}, [](const PatternText* pattern) {
    return std::pair(pattern->sample_ends,
                     pattern->sample_to < 0 ? kLongestExample : static_cast<std::size_t>(pattern->sample_to));
  });
  for (const auto* pattern : ordered) {
    if (pattern->sample_ends && pattern->sample_to < 0) {
      auto behind = *pattern;
      behind.sample_from = std::max<std::int64_t>(behind.sample_from, static_cast<std::int64_t>(canvas.bytes_.size()));
      if (!canvas.put(behind)) return std::nullopt;
    } else if (!canvas.put(*pattern)) {
      return std::nullopt;
    }
  }
  return canvas.bytes_;
}

}  // namespace

std::optional<std::string> example_of(std::span<const PatternText> patterns, std::optional<std::uint32_t> length,
                                      char filler) {
  Parts parts;
  Holder holder = Holder::kPayload;
  for (const auto& pattern : patterns) {
    if (pattern.negated) continue;
    if (pattern.buffer->holder != Holder::kPayload) {
      if (holder != Holder::kPayload && holder != pattern.buffer->holder) return std::nullopt;
      holder = pattern.buffer->holder;
    }
    if (parts.contains(pattern.buffer->name)) continue;
    const bool text = pattern.buffer->holder != Holder::kPayload;
    auto filled = fill(patterns, pattern.buffer->name, text ? 'x' : filler);
    if (!filled) return std::nullopt;
    parts[pattern.buffer->name] = std::move(*filled);
  }
  if (holder != Holder::kPayload && parts.contains("")) {  // the whole payload, too: its parts may stand in the body
    const char* body = holder == Holder::kHttpResponse ? "http.response_body" : "http.request_body";
    parts[body] += parts.at("");
  }
  std::string payload;
  switch (holder) {
    case Holder::kPayload:
      payload = part(parts, "", "");
      break;
    case Holder::kHttpRequest:
      payload = http_request(parts);
      break;
    case Holder::kHttpResponse:
      payload = http_response(parts);
      break;
    case Holder::kDnsQuestion:
      payload = dns_question(part(parts, "dns.query", "x"));
      break;
    case Holder::kTlsHello:
      payload = tls_hello(part(parts, "tls.sni", "x"));
      break;
  }
  if (length) {
    if (payload.size() > *length) return std::nullopt;
    payload.resize(*length, filler);
  }
  if (payload.empty() || payload.size() > kLongestExample) return std::nullopt;
  return payload;
}

}  // namespace wardline::signature_import
