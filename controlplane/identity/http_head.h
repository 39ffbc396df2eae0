#pragma once
#include <optional>
#include <string_view>

namespace wardline::identity {

// The head of HTTP/1 (RFC 9112, 2.1), whose form SSDP borrows. Views into the bytes that it was read from.
class HttpHead {
 public:
  // nullopt when not even the first line is there.
  static std::optional<HttpHead> read(std::string_view text);

  std::string_view start_line() const { return start_line_; }
  std::string_view body() const { return body_; }  // as far as it is there

  // Of the first header of that name, in any case, whose line is there whole; "" without one.
  std::string_view value(std::string_view name) const;

 private:
  std::string_view start_line_, headers_, body_;
};

}  // namespace wardline::identity
