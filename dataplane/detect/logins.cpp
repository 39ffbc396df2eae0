#include "dataplane/detect/logins.h"

#include <algorithm>

#include "dataplane/detect/default_passwords.h"
#include "dataplane/detect/login_text.h"
#include "dataplane/packet/cursor.h"

namespace wardline::detect {

namespace {

constexpr std::uint8_t kIac = 255, kSubnegotiation = 250, kSubnegotiationEnd = 240, kWill = 251;  // RFC 854

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string_view word(std::string_view& rest) {
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  const auto end = std::min(rest.find(' '), rest.size());
  auto taken = rest.substr(0, end);
  rest.remove_prefix(end);
  if (taken.size() >= 2 && taken.front() == '"' && taken.back() == '"') taken = taken.substr(1, taken.size() - 2);
  return taken;
}

// A prompt of telnet. "Last login: ..." greets who came in: what is typed after that is no account.
bool asks_for_account(std::string_view text) {
  const auto at = find_text(text, "ogin:");
  if (at == std::string_view::npos) return find_text(text, "sername:") != std::string_view::npos;
  return at < 6 || !begins_with(text.substr(at - 6), "last login:");
}

// Forgets a password for good: the compiler may not leave this out as a store that nobody reads.
void wipe(char* text, std::size_t length) {
  volatile char* at = text;
  for (std::size_t i = 0; i < length; ++i) at[i] = 0;
}

}  // namespace

std::optional<bool> snmp_default_community(std::span<const std::byte> message) {
  packet::Cursor cursor(message);
  if (cursor.u8() != 0x30) return std::nullopt;  // SEQUENCE
  if (const auto length = cursor.u8(); length >= 0x80) cursor.skip(length & 0x7f);
  if (cursor.u8() != 2 || cursor.u8() != 1 || cursor.u8() > 1) return std::nullopt;  // version 0 or 1
  if (cursor.u8() != 4) return std::nullopt;
  const auto community = as_text(cursor.take(cursor.u8()));
  const auto type = cursor.u8();  // of the PDU: 0xa0 .. 0xa8
  if (cursor.failed() || type < 0xa0 || type > 0xa8) return std::nullopt;
  return community == "public" || community == "private";
}

Logins::Logins() : places_(std::make_unique<std::array<Conversation, kPlaces>>()) {}

// Four places by the flow's number; the one unused for longest gives way.
Logins::Conversation* Logins::find(std::uint64_t flow, CoarseTick now, bool make) {
  constexpr std::size_t kWays = 4;
  auto* const first = &(*places_)[(flow * 0x9e3779b97f4a7c15 >> 32) % (kPlaces / kWays) * kWays];
  auto* oldest = first;
  for (auto* place = first; place != first + kWays; ++place) {
    if (place->flow == flow) {
      place->used = now;
      return place;
    }
    if (oldest->flow != 0 && (place->flow == 0 || age(now, place->used) > age(now, oldest->used))) oldest = place;
  }
  if (!make) return nullptr;
  *oldest = Conversation{};
  oldest->flow = flow;
  oldest->used = now;
  return oldest;
}

void Logins::keep_account(Conversation& talk, std::string_view account) {
  talk.account_length = static_cast<std::uint8_t>(std::min(account.size(), talk.account.size()));
  std::copy_n(account.begin(), talk.account_length, talk.account.begin());
}

void Logins::conclude(Conversation& talk, std::string_view account, std::string_view password, Login& login) {
  login.given = true;
  login.account = Note(account);
  login.default_password = is_default_password(account, password);
  talk.awaits = Awaits::kAnswer;
}

Login Logins::feed(LoginKind kind, std::uint64_t flow, bool from_client, std::span<const std::byte> payload,
                   CoarseTick now) {
  constexpr std::size_t kRead = 2048;  // of one payload; a login stands at its front
  Login login;
  if (kind == LoginKind::kNone || payload.empty()) return login;
  const auto bytes = payload.first(std::min(payload.size(), kRead));
  if (kind == LoginKind::kHttp && from_client) {
    http_request(flow, as_text(bytes), now, login);
    return login;
  }
  auto* const talk = find(flow, now, kind != LoginKind::kHttp);
  if (talk == nullptr) return login;
  if (!from_client) {
    server_text(kind, *talk, as_text(bytes), login);
    return login;
  }
  for (const auto byte : bytes) client_byte(kind, *talk, std::to_integer<std::uint8_t>(byte), login);
  return login;
}

// Puts lines together. Telnet speaks of its options in between (RFC 854), and a terminal sends one key at a time.
void Logins::client_byte(LoginKind kind, Conversation& talk, std::uint8_t byte, Login& login) {
  if (kind == LoginKind::kTelnet) {
    if (talk.telnet == 0 && byte == kIac) {
      talk.telnet = kIac;
      return;
    }
    if (talk.telnet == kIac) {
      talk.telnet = byte >= kWill || byte == kSubnegotiation ? byte : 0;
      return;
    }
    if (talk.telnet == kSubnegotiation) {
      if (byte == kSubnegotiationEnd) talk.telnet = 0;
      return;
    }
    if (talk.telnet != 0) {  // the option of WILL, WONT, DO, DONT
      talk.telnet = 0;
      return;
    }
    if (byte == 0) return;
    if ((byte == 8 || byte == 127) && talk.line_length != 0) {  // a key taken back
      --talk.line_length;
      return;
    }
  }
  if (byte != '\r' && byte != '\n') {
    if (talk.line_length < talk.line.size())
      talk.line[talk.line_length++] = static_cast<char>(byte);
    else
      talk.overlong = true;
    return;
  }
  // An empty line is one only where a prompt waits for it, and the second half of CR LF is none.
  const bool empty_counts = kind == LoginKind::kTelnet && byte == '\r';
  if ((talk.line_length != 0 || empty_counts) && !talk.overlong)
    client_line(kind, talk, {talk.line.data(), talk.line_length}, login);
  wipe(talk.line.data(), talk.line_length);
  talk.line_length = 0;
  talk.overlong = false;
}

void Logins::client_line(LoginKind kind, Conversation& talk, std::string_view line, Login& login) {
  switch (kind) {
    case LoginKind::kTelnet:
      if (talk.awaits == Awaits::kAccount) {
        keep_account(talk, line);
        talk.awaits = Awaits::kNothing;
      } else if (talk.awaits == Awaits::kPassword) {
        conclude(talk, talk.name(), line, login);
      }
      return;
    case LoginKind::kFtp:
    case LoginKind::kPop3:
      if (begins_with(line, "user ")) keep_account(talk, line.substr(5));
      // An anonymous guest gives an address of e-mail where others give a password (RFC 1635).
      if (begins_with(line, "pass ") && talk.name() != "anonymous") conclude(talk, talk.name(), line.substr(5), login);
      return;
    case LoginKind::kImap: {
      auto rest = line;
      word(rest);  // the tag
      if (!begins_with(word(rest), "login")) return;
      const auto account = word(rest);
      conclude(talk, account, word(rest), login);
      return;
    }
    case LoginKind::kSmtp:
      authenticate_smtp(talk, line, login);
      return;
    default:
      return;
  }
}

// AUTH PLAIN: authorisation, account and password with NUL between; AUTH LOGIN: one after the other (RFC 4954, 4616).
void Logins::authenticate_smtp(Conversation& talk, std::string_view line, Login& login) {
  constexpr std::string_view kLogin = "auth login", kPlain = "auth plain";
  if (begins_with(line, kLogin)) {
    auto rest = line.substr(kLogin.size());
    const auto account = word(rest);  // a client may give it at once (RFC 4954, 4): then the password is next
    if (!account.empty()) keep_account(talk, from_base64(account).view());
    talk.awaits = account.empty() ? Awaits::kAccount : Awaits::kPassword;
    return;
  }
  const bool plain = begins_with(line, kPlain);
  if (plain || talk.awaits == Awaits::kBoth) {
    if (plain) line.remove_prefix(kPlain.size());
    const auto both = word(line);
    talk.awaits = both.empty() ? Awaits::kBoth : Awaits::kNothing;
    auto decoded = from_base64(both);
    auto text = decoded.view();
    text.remove_prefix(std::min(text.find('\0'), text.size()));
    if (!text.empty()) text.remove_prefix(1);
    const auto end = text.find('\0');
    if (end != std::string_view::npos) conclude(talk, text.substr(0, end), text.substr(end + 1), login);
    wipe(decoded.text.data(), decoded.length);
    return;
  }
  if (talk.awaits == Awaits::kAccount) {
    keep_account(talk, from_base64(line).view());
    talk.awaits = Awaits::kPassword;
  } else if (talk.awaits == Awaits::kPassword) {
    auto decoded = from_base64(line);
    conclude(talk, talk.name(), decoded.view(), login);
    wipe(decoded.text.data(), decoded.length);
  }
}

// RFC 7617. A browser repeats the credentials with each request: each is the same login again.
void Logins::http_request(std::uint64_t flow, std::string_view text, CoarseTick now, Login& login) {
  constexpr std::string_view kHeader = "\nauthorization: basic ";
  const auto at = find_text(text, kHeader);
  if (at == std::string_view::npos) return;
  auto decoded = from_base64(text.substr(at + kHeader.size()));
  const auto pair = decoded.view();
  if (const auto colon = pair.find(':'); colon != std::string_view::npos)
    conclude(*find(flow, now, true), pair.substr(0, colon), pair.substr(colon + 1), login);
  wipe(decoded.text.data(), decoded.length);
}

void Logins::server_text(LoginKind kind, Conversation& talk, std::string_view text, Login& login) {
  const auto refused = [&](bool is) {
    if (!is || talk.awaits != Awaits::kAnswer) return;
    login.refused = true;
    login.account = Note(talk.name());
    talk.awaits = Awaits::kNothing;
  };
  switch (kind) {
    case LoginKind::kTelnet:
      refused(find_text(text, "incorrect") != text.npos || find_text(text, "failed") != text.npos ||
              find_text(text, "denied") != text.npos || find_text(text, "invalid") != text.npos);
      if (find_text(text, "assword:") != text.npos)
        talk.awaits = Awaits::kPassword;
      else if (asks_for_account(text))
        talk.awaits = Awaits::kAccount;
      return;
    case LoginKind::kFtp:
      return refused(begins_with(text, "530"));
    case LoginKind::kPop3:
      return refused(begins_with(text, "-err"));
    case LoginKind::kImap:
      return refused(find_text(text.substr(0, std::min<std::size_t>(text.size(), 40)), " no ") != text.npos);
    case LoginKind::kSmtp:
      return refused(begins_with(text, "535"));
    case LoginKind::kHttp:
      return refused(begins_with(text, "http/1.") && text.size() > 12 && text.substr(8, 4) == " 401");
    default:
      return;
  }
}

}  // namespace wardline::detect
