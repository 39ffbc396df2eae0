#pragma once
#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace wardline {

// What went wrong, for a person and for a script. Never made on a packet's way: there, a counted Reason stands instead.
struct Error {
  std::string code;   // stable, for scripts: "policy.port-range"
  std::string where;  // "classes/infusion-pump.yaml:14:22", a device, a path; may be empty
  std::string what;   // expected, found, and what to do

  std::string text() const { return where.empty() ? what : where + ": " + what; }
};

using Errors = std::vector<Error>;

template <typename T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(std::string code, std::string where, std::string what) {
  return std::unexpected(Error{std::move(code), std::move(where), std::move(what)});
}

}  // namespace wardline
