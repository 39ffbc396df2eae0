#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace wardline::identity {

// The value of `speaks`: "hl7-mllp as client with hl7-gateway", or without "with ..." for a peer that has no role.
struct Exchange {
  std::string app;
  bool as_client = true;
  std::string with;

  std::string text() const;
  static std::optional<Exchange> parse(std::string_view text);
};

}  // namespace wardline::identity
