#include "dataplane/classify/ordinary.h"

#include <algorithm>
#include <array>

namespace wardline::classify {
namespace {

// RFC 9110 and RFC 9112: what a request and an answer begin with, and the fields that nearly all of them have.
constexpr std::array<std::string_view, 8> kBeginnings{"GET ",    "POST ",    "HEAD ",   "PUT ",
                                                      "DELETE ", "OPTIONS ", "HTTP/1.", "HTTP/1.1 200 OK"};
constexpr std::array<std::string_view, 18> kWords{"Content-Disposition",
                                                  "Content-Length",
                                                  "Content-Type",
                                                  "Cache-Control",
                                                  "Authorization",
                                                  "User-Agent",
                                                  "Connection",
                                                  "Accept-Encoding",
                                                  "application/",
                                                  "Location",
                                                  "Accept",
                                                  "Server",
                                                  "Cookie",
                                                  "Host",
                                                  "text/html",
                                                  "http://",
                                                  "https://",
                                                  "HTTP/1."};

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : c;
}

bool begins_with(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && std::ranges::equal(text.substr(0, word.size()), word, {}, lower, lower);
}

// Of the ordinary word at the beginning of the text; 0: there is none.
std::size_t ordinary_length(std::string_view text) {
  std::size_t longest = 0;
  const auto measure = [&](std::string_view word) {
    if (begins_with(text, word)) longest = std::max(longest, word.size());
  };
  std::ranges::for_each(kBeginnings, measure);
  std::ranges::for_each(kWords, measure);
  return longest;
}

bool says_something(std::string_view literal, std::size_t at) {
  const char c = literal[at];
  return c != '\0' && c != ' ' && c != '\n' && c != '\xff' && (at == 0 || c != literal[at - 1]);
}

}  // namespace

std::size_t telling_bytes(std::string_view literal) {
  std::size_t most = 0, run = 0;
  for (std::size_t at = 0; at < literal.size();) {
    if (const auto length = ordinary_length(literal.substr(at)); length != 0) {
      run = 0;
      at += length;
      if (at < literal.size() && literal[at] == ':') ++at;
      continue;
    }
    run += says_something(literal, at) ? 1U : 0U;
    most = std::max(most, run);
    ++at;
  }
  return most;
}

std::span<const std::string_view> ordinary_beginnings() {
  return kBeginnings;
}

}  // namespace wardline::classify
