#include "controlplane/policy/values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace wardline::policy {
namespace {

struct ProtoName {
  std::uint8_t proto;
  std::string_view name;
};
constexpr std::array kProtos{ProtoName{1, "icmp"},   ProtoName{2, "igmp"},    ProtoName{6, "tcp"},
                             ProtoName{17, "udp"},   ProtoName{47, "gre"},    ProtoName{50, "esp"},
                             ProtoName{51, "ah"},    ProtoName{58, "icmpv6"}, ProtoName{89, "ospf"},
                             ProtoName{112, "vrrp"}, ProtoName{132, "sctp"}};

std::optional<unsigned> parse_unsigned(std::string_view text, unsigned high) {
  unsigned number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  if (!whole || number > high || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  return number;
}

// The last address of the range that begins at `low` and has `bits` leading bits in common; nullopt: host bits are set.
std::optional<Address> last_of(Address low, unsigned bits) {
  Address high = low;
  for (unsigned bit = bits; bit < 128; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> bit % 8);
    if ((low.bytes[bit / 8] & mask) != 0) return std::nullopt;
    high.bytes[bit / 8] |= mask;
  }
  return high;
}

bool may_be_dns_name(const std::string& text) {
  return text.find(':') == std::string::npos &&
         std::any_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

}  // namespace

std::optional<Address> parse_address(const std::string& text) {
  in_addr v4{};
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) return Address::v4(ntohl(v4.s_addr));
  Address v6;
  if (::inet_pton(AF_INET6, text.c_str(), v6.bytes.data()) == 1) return v6;
  return std::nullopt;
}

std::optional<Mac> parse_mac(const std::string& text) {
  if (text.size() != 17) return std::nullopt;
  Mac mac;
  for (std::size_t i = 0; i < 6; ++i) {
    const char* begin = text.data() + 3 * i;
    const auto read = std::from_chars(begin, begin + 2, mac.bytes[i], 16);
    if (read.ec != std::errc{} || read.ptr != begin + 2) return std::nullopt;
    if (i < 5 && (begin[2] != text[2] || (text[2] != ':' && text[2] != '-'))) return std::nullopt;
  }
  return mac;
}

std::optional<std::uint8_t> parse_proto(const std::string& word) {
  for (const auto& known : kProtos)
    if (known.name == word) return known.proto;
  return std::nullopt;
}

std::string proto_name(std::uint8_t proto) {
  for (const auto& known : kProtos)
    if (known.proto == proto) return std::string(known.name);
  return fmt::format("protocol {}", proto);
}

bool has_ports(std::uint8_t proto) {
  return proto == 6 || proto == 17 || proto == 132;
}

std::optional<AddressRange> read_range(const YamlValue& value) {
  const auto text = value.as_text();
  if (!text) return std::nullopt;
  const auto slash = text->find('/');
  const auto low = parse_address(text->substr(0, slash));
  if (!low) {
    if (may_be_dns_name(*text))
      value.error("policy.dns-name",
                  fmt::format("DNS names are not supported yet: use addresses in place of '{}'", *text));
    else
      value.error("policy.address", fmt::format("expected an IPv4 or IPv6 address or a CIDR, found '{}'", *text));
    return std::nullopt;
  }
  if (slash == std::string::npos) return AddressRange{*low, *low};
  const unsigned longest = low->is_v4() ? 32 : 128;
  const auto bits = parse_unsigned(std::string_view(*text).substr(slash + 1), longest);
  if (!bits) {
    value.error("policy.address", fmt::format("'{}': the prefix length after '/' is 0 to {}", *text, longest));
    return std::nullopt;
  }
  const auto high = last_of(*low, *bits + 128 - longest);
  if (!high) {
    value.error("policy.address", fmt::format("'{}' has bits set behind its prefix of {}; write the network's first "
                                              "address, or the address without '/'",
                                              *text, *bits));
    return std::nullopt;
  }
  return AddressRange{*low, *high};
}

std::optional<Mac> read_mac(const YamlValue& value) {
  const auto text = value.as_quoted("a MAC");
  if (!text) return std::nullopt;
  const auto mac = parse_mac(*text);
  if (mac && !mac->group() && !mac->zero()) return mac;
  value.error("policy.mac",
              fmt::format("'{}' is no device's MAC; expected six bytes such as \"00:1b:21:3c:4d:5e\"", *text));
  return std::nullopt;
}

std::optional<std::chrono::sys_days> read_date(const YamlValue& value) {
  const auto text = value.as_quoted("a date");
  if (!text) return std::nullopt;
  if (text->size() == 10 && (*text)[4] == '-' && (*text)[7] == '-') {
    const auto number = [&](std::size_t at, std::size_t size) {
      unsigned n = 0;
      const auto read = std::from_chars(text->data() + at, text->data() + at + size, n);
      return read.ec == std::errc{} && read.ptr == text->data() + at + size ? n : 0;
    };
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(number(0, 4))),
                                           std::chrono::month(number(5, 2)), std::chrono::day(number(8, 2))};
    if (date.ok() && number(0, 4) >= 2000) return std::chrono::sys_days(date);
  }
  value.error("policy.date", fmt::format("'{}' is no date; expected \"YYYY-MM-DD\"", *text));
  return std::nullopt;
}

std::optional<enforce::FailureAction> read_action(const YamlValue& value) {
  const auto word = value.as_word({"allow", "drop"});
  if (!word) return std::nullopt;
  return *word == 0 ? enforce::FailureAction::kAllow : enforce::FailureAction::kDrop;
}

std::optional<std::uint32_t> read_seconds(const YamlValue& value, std::uint32_t low, std::uint32_t high) {
  const auto duration = value.as_duration();
  if (!duration) return std::nullopt;
  const auto seconds = duration->count() / 1000;
  if (seconds >= low && seconds <= high && duration->count() % 1000 == 0) return static_cast<std::uint32_t>(seconds);
  value.error("policy.range",
              fmt::format("{} is out of range; expected whole seconds, {}s to {}s", value.raw(), low, high));
  return std::nullopt;
}

std::vector<Word> read_names(const YamlValue& value) {
  std::vector<Word> names;
  const auto list = value.as_list();
  if (!list) return names;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto item = (*list)[i];
    const auto name = item.as_name();
    if (!name) continue;
    if (std::any_of(names.begin(), names.end(), [&](const Word& former) { return former.text == *name; }))
      item.error("policy.double", fmt::format("'{}' stands in this list twice", *name));
    else
      names.push_back({*name, item.at()});
  }
  return names;
}

bool reserved_name(const std::string& name) {
  static constexpr std::array<std::string_view, 8> kReserved{"any",     "broadcast",    "same",           "multicast",
                                                             "unknown", "unclassified", "infrastructure", "none"};
  return std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end();
}

std::optional<std::string> read_new_name(const YamlValue& value) {
  auto name = value.as_name();
  if (!name || !reserved_name(*name)) return name;
  value.error("policy.name", fmt::format("'{}' has a meaning of its own in rules; choose another name", *name));
  return std::nullopt;
}

}  // namespace wardline::policy
