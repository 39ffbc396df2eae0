// Greetings in text: SSH, FTP, SMTP, POP3, IMAP, Telnet. A greeting is told when its line has ended.
#include <algorithm>
#include <array>
#include <cstdint>

#include "controlplane/identity/observers.h"
#include "dataplane/facts/wire_text.h"
#include "dataplane/packet/cursor.h"

namespace wardline::identity {
namespace {

constexpr std::size_t kMaxLines = 16;  // looked at for a greeting
constexpr std::uint8_t kIac = 255;     // begins a command of Telnet (RFC 854)

// Takes a line off `rest`, without its end; false where none ends.
bool next_line(std::string_view& rest, std::string_view& line) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) return false;
  line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return true;
}

bool starts_caseless(std::string_view text, std::string_view start) {
  return text.size() >= start.size() && facts::equal_caseless(text.substr(0, start.size()), start);
}

// The first words behind code 220: "220 words", or "220-words" of an answer of several lines (RFC 959, 4.2).
std::string_view greeting_220(std::string_view text) {
  std::string_view line;
  for (std::size_t i = 0; i < kMaxLines && next_line(text, line); ++i) {
    if (!line.starts_with("220") || line.size() < 4 || (line[3] != ' ' && line[3] != '-')) return {};
    if (const auto words = line.substr(4); words.find_first_not_of(" \t") != std::string_view::npos) return words;
  }
  return {};
}

// A greeting may end with the time of day: evidence that is new at each connection would push out all other.
std::string_view without_date(std::string_view words) {
  constexpr std::array<std::string_view, 7> kDays{"Mon, ", "Tue, ", "Wed, ", "Thu, ", "Fri, ", "Sat, ", "Sun, "};
  for (const auto day : kDays) words = words.substr(0, words.find(day));
  return words.substr(0, words.find_last_not_of("; ") + 1);
}

// The rest of a command of Telnet behind IAC: RFC 854, options in several bytes RFC 855.
void skip_command(packet::Cursor& in) {
  constexpr std::uint8_t kSe = 240, kSb = 250, kWill = 251, kDont = 254;
  const auto command = in.u8();
  if (command >= kWill && command <= kDont) in.skip(1);
  if (command != kSb) return;
  std::uint8_t before = 0, now = in.u8();
  while (!in.failed() && !(before == kIac && now == kSe)) before = now, now = in.u8();
}

// The rest of a sequence that moves a terminal's cursor or colours its text, behind ESC (ECMA-48, 5.4).
void skip_sequence(packet::Cursor& in) {
  constexpr std::uint8_t kFirstFinal = 0x40, kLastFinal = 0x7e;
  if (in.u8() != '[') return;
  auto letter = in.u8();
  while (!in.failed() && (letter < kFirstFinal || letter > kLastFinal)) letter = in.u8();
}

// What a session of Telnet prints. A command that is cut off ends it.
std::string printed_by_telnet(Bytes payload) {
  constexpr std::uint8_t kEscape = 27;
  std::string text;
  packet::Cursor in(payload);
  while (in.left() > 0) {
    const auto byte = in.u8();
    if (byte == kIac)
      skip_command(in);
    else if (byte == kEscape)
      skip_sequence(in);
    else if (byte >= ' ' || byte == '\n' || byte == '\t')
      text += static_cast<char>(byte);
  }
  return text;
}

// Where a prompt ends that asks for a name or a secret, behind its colon; npos where none stands. What follows it is
// the echo of an answer.
std::size_t end_of_prompt(std::string_view line) {
  constexpr std::array<std::string_view, 5> kAsked{"login", "user", "name", "password", "account"};
  for (std::size_t at = 0; at < line.size(); ++at) {
    const auto asks = [&](std::string_view word) { return starts_caseless(line.substr(at), word); };
    if (!std::ranges::any_of(kAsked, asks)) continue;
    const auto colon = line.find(':', at);
    return colon == std::string_view::npos ? colon : colon + 1;
  }
  return std::string_view::npos;
}

}  // namespace

void observe_ssh(Bytes payload, const Speech&, Observations& out) {
  auto text = as_text(payload);
  std::string_view line;
  // A server may say other lines before the one that identifies it.
  for (std::size_t i = 0; i < kMaxLines && next_line(text, line); ++i) {
    if (!line.starts_with("SSH-")) continue;
    const auto version_end = line.find('-', 4);
    if (version_end != std::string_view::npos) tell(out, "ssh", "ssh.software", line.substr(version_end + 1));
    return;
  }
}

void observe_ftp(Bytes payload, const Speech& speech, Observations& out) {
  if (!speech.by_client) tell(out, "ftp", "ftp.banner", greeting_220(as_text(payload)));
}

void observe_smtp(Bytes payload, const Speech& speech, Observations& out) {
  auto text = as_text(payload);
  if (!speech.by_client) return tell(out, "smtp", "smtp.banner", without_date(greeting_220(text)));
  std::string_view line;
  if (next_line(text, line) && (starts_caseless(line, "EHLO ") || starts_caseless(line, "HELO ")))
    tell(out, "smtp", "smtp.client_name", line.substr(5));
}

// RFC 1939, 4 and 7: a greeting may hold a time stamp in angle brackets, which is new at each connection.
void observe_pop3(Bytes payload, const Speech& speech, Observations& out) {
  auto text = as_text(payload);
  std::string_view line;
  if (speech.by_client || !next_line(text, line) || !line.starts_with("+OK ")) return;
  tell(out, "pop3", "pop3.banner", line.substr(4, line.find('<', 4) - 4));
}

// RFC 9051, 7.1: words behind a code in square brackets that may stand there.
void observe_imap(Bytes payload, const Speech& speech, Observations& out) {
  auto text = as_text(payload);
  std::string_view line;
  if (speech.by_client || !next_line(text, line) || !line.starts_with("* OK ")) return;
  line.remove_prefix(5);
  if (line.starts_with('[')) line.remove_prefix(std::min(line.size(), line.find(']')) + (line.contains(']') ? 1 : 0));
  tell(out, "imap", "imap.banner", line);
}

// Only of who was called: what a client types is names and secrets.
void observe_telnet(Bytes payload, const Speech& speech, Observations& out) {
  if (speech.by_client) return;
  const auto printed = printed_by_telnet(payload);
  std::string_view rest = printed, line;
  for (std::size_t i = 0; i < kMaxLines && !rest.empty(); ++i) {
    const bool ended = next_line(rest, line);
    if (!ended) line = rest;
    const auto prompt = end_of_prompt(line);
    if (prompt != std::string_view::npos) return tell(out, "telnet", "telnet.banner", line.substr(0, prompt));
    if (!ended) return;
    if (line.find_first_not_of(" \t") != std::string_view::npos) return tell(out, "telnet", "telnet.banner", line);
  }
}

}  // namespace wardline::identity
