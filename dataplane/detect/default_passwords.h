#pragma once
#include <algorithm>
#include <array>
#include <string_view>

namespace wardline::detect {

// Names and passwords that devices leave the factory with and that worms try, as the published source of Mirai and
// makers' manuals give them.
struct DefaultPassword {
  std::string_view account, password;
};

inline constexpr std::array kDefaultPasswords = std::to_array<DefaultPassword>({
    {"root", "xc3511"},        {"root", "vizxv"},
    {"root", "admin"},         {"root", "888888"},
    {"root", "xmhdipc"},       {"root", "default"},
    {"root", "juantech"},      {"root", "123456"},
    {"root", "54321"},         {"root", "root"},
    {"root", "12345"},         {"root", "pass"},
    {"root", "1111"},          {"root", "666666"},
    {"root", "password"},      {"root", "1234"},
    {"root", "klv123"},        {"root", "klv1234"},
    {"root", "Zte521"},        {"root", "hi3518"},
    {"root", "jvbzd"},         {"root", "anko"},
    {"root", "zlxx."},         {"root", "7ujMko0vizxv"},
    {"root", "7ujMko0admin"},  {"root", "system"},
    {"root", "ikwb"},          {"root", "dreambox"},
    {"root", "user"},          {"root", "realtek"},
    {"root", "00000000"},      {"root", ""},
    {"root", "toor"},          {"root", "calvin"},
    {"admin", "admin"},        {"admin", "password"},
    {"admin", "admin1234"},    {"admin", "1111"},
    {"admin", "1111111"},      {"admin", "1234"},
    {"admin", "12345"},        {"admin", "123456"},
    {"admin", "54321"},        {"admin", "7ujMko0admin"},
    {"admin", "pass"},         {"admin", "meinsm"},
    {"admin", "smcadmin"},     {"admin", ""},
    {"admin", "default"},      {"admin1", "password"},
    {"administrator", "1234"}, {"Administrator", "admin"},
    {"support", "support"},    {"user", "user"},
    {"guest", "guest"},        {"guest", "12345"},
    {"service", "service"},    {"supervisor", "supervisor"},
    {"tech", "tech"},          {"ubnt", "ubnt"},
    {"666666", "666666"},      {"888888", "888888"},
    {"mother", "fucker"},      {"pi", "raspberry"},
    {"cisco", "cisco"},        {"ftp", "ftp"},
    {"test", "test"},          {"operator", "operator"},
});

inline bool is_default_password(std::string_view account, std::string_view password) {
  return std::ranges::any_of(kDefaultPasswords, [&](const DefaultPassword& known) {
    return known.account == account && known.password == password;
  });
}

}  // namespace wardline::detect
