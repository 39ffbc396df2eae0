#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "dataplane/detect/alarm.h"
#include "dataplane/tick.h"

namespace wardline::detect {

enum class LoginKind : std::uint8_t { kNone, kTelnet, kFtp, kPop3, kImap, kSmtp, kHttp };

// What the ports of clear-text services say; an application that was proved says it better.
inline LoginKind login_kind(std::uint16_t server_port) {
  switch (server_port) {
    case 21:
      return LoginKind::kFtp;
    case 23:
    case 2323:
      return LoginKind::kTelnet;
    case 25:
    case 587:
      return LoginKind::kSmtp;
    case 80:
    case 8080:
    case 8000:
    case 81:
      return LoginKind::kHttp;
    case 110:
      return LoginKind::kPop3;
    case 143:
      return LoginKind::kImap;
    default:
      return LoginKind::kNone;
  }
}

// What was seen of a login. The password is compared and forgotten, never part of it.
struct Login {
  bool given = false;             // an account and a password went over the wire
  bool default_password = false;  // and they are a maker's own
  bool refused = false;           // the server said that they are wrong
  Note account;
};

// The community of an SNMP v1 or v2c message (RFC 1157, RFC 1901) is its password: true when it is `public` or
// `private`. Nothing when this is no such message.
std::optional<bool> snmp_default_community(std::span<const std::byte> message);

// Logins under way: lines put together from segments of any size, the account kept until its password comes. A bounded
// table; the least recently used gives way. Owner: one worker.
class Logins {
 public:
  static constexpr std::size_t kPlaces = 256;
  Logins();
  // The next payload of flow `flow` (never 0).
  Login feed(LoginKind kind, std::uint64_t flow, bool from_client, std::span<const std::byte> payload, CoarseTick now);

 private:
  enum class Awaits : std::uint8_t { kNothing, kAccount, kPassword, kBoth, kAnswer };
  struct Conversation {
    std::uint64_t flow = 0;
    CoarseTick used = 0;
    Awaits awaits = Awaits::kNothing;
    std::uint8_t line_length = 0, account_length = 0, telnet = 0;
    bool overlong = false;
    std::array<char, 128> line{};
    std::array<char, 48> account{};
    std::string_view name() const { return {account.data(), account_length}; }
  };
  Conversation* find(std::uint64_t flow, CoarseTick now, bool make);
  void client_byte(LoginKind kind, Conversation& talk, std::uint8_t byte, Login& login);
  void client_line(LoginKind kind, Conversation& talk, std::string_view line, Login& login);
  void server_text(LoginKind kind, Conversation& talk, std::string_view text, Login& login);
  void authenticate_smtp(Conversation& talk, std::string_view line, Login& login);
  void http_request(std::uint64_t flow, std::string_view text, CoarseTick now, Login& login);
  static void keep_account(Conversation& talk, std::string_view account);
  static void conclude(Conversation& talk, std::string_view account, std::string_view password, Login& login);

  std::unique_ptr<std::array<Conversation, kPlaces>> places_;
};

}  // namespace wardline::detect
