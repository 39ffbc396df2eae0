#include "dataplane/detect/names.h"

#include <algorithm>
#include <bit>

#include "dataplane/packet/cursor.h"

namespace wardline::detect {

namespace {

constexpr std::uint8_t kNameError = 3;                             // RFC 1035, 4.1.1: NXDOMAIN
constexpr std::uint16_t kNull = 10, kText = 16, kPrivate = 65399;  // RFC 1035, 3.2.2; iodine's own type

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  return mix(hash);
}

// Second labels below a country that are no one's own ("co.uk"). Without the list of public suffixes this is a guess,
// and wrong only in what is counted together.
bool is_shared_suffix(std::string_view name, std::size_t second, std::size_t last) {
  static constexpr std::string_view kShared[] = {"ac", "co", "com", "edu", "gob", "gov",
                                                 "go", "ne", "net", "nhs", "or",  "org"};
  if (name.size() - last != 2) return false;
  return std::ranges::find(kShared, name.substr(second, last - 1 - second)) != std::end(kShared);
}

// Where the registered domain begins: two labels from the right, three below a country's shared suffix.
std::size_t domain_start(std::string_view name) {
  const auto label_before = [&](std::size_t at) {  // where the label that ends before `at` begins
    const auto dot = at < 2 ? std::string_view::npos : name.rfind('.', at - 2);
    return dot == std::string_view::npos ? std::size_t{0} : dot + 1;
  };
  const auto last = label_before(name.size() + 1);
  if (last == 0) return 0;
  const auto second = label_before(last);
  return second != 0 && is_shared_suffix(name, second, last) ? label_before(second) : second;
}

bool carries_data(const Question& question, std::size_t below) {
  constexpr std::size_t kLongLabel = 50, kLongName = 100, kLongChild = 30;
  const bool odd_type = question.type == kNull || question.type == kText || question.type == kPrivate;
  return question.longest_label > kLongLabel || question.length > kLongName || below > kLongChild ||
         (odd_type && below > 8);
}

}  // namespace

std::optional<Question> read_question(std::span<const std::byte> message) {
  packet::Cursor cursor(message);
  const auto header = cursor.take<12>();
  if (cursor.failed() || header.u16<4>() != 1 || (header.u8<2>() >> 3 & 15) != 0) return std::nullopt;
  Question question;
  question.answer = (header.u8<2>() & 0x80) != 0;
  question.result = header.u8<3>() & 15;
  for (std::size_t labels = 0; labels < 128; ++labels) {
    const std::size_t size = cursor.u8();
    if (cursor.failed() || size > 63) return std::nullopt;  // a pointer cannot stand in the first name
    if (size == 0) break;
    const auto label = cursor.take(size);
    if (cursor.failed() || question.length + size + 1 > 255) return std::nullopt;
    if (question.length != 0) question.text[question.length++] = '.';
    for (const auto byte : label) {
      const char c = static_cast<char>(byte);
      question.text[question.length++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    question.longest_label = std::max(question.longest_label, size);
    ++question.labels;
  }
  question.type = cursor.u16();
  cursor.u16();
  if (cursor.failed() || question.length == 0) return std::nullopt;
  return question;
}

bool looks_generated(std::string_view label) {
  if (label.size() < 8) return false;
  std::uint64_t letters = 0;
  std::size_t run = 0, longest_run = 0, vowels = 0, digits = 0, changes = 0;
  bool former_digit = false;
  for (std::size_t i = 0; i < label.size(); ++i) {
    const char c = label[i];
    const bool digit = c >= '0' && c <= '9';
    const bool letter = c >= 'a' && c <= 'z';
    if (!digit && !letter) return false;  // words joined by '-' or '_' are people's
    const bool vowel = std::string_view("aeiouy").find(c) != std::string_view::npos;
    letters |= std::uint64_t{1} << (digit ? c - '0' + 26 : c - 'a');
    vowels += vowel ? 1 : 0;
    digits += digit ? 1 : 0;
    changes += i != 0 && digit != former_digit ? 1 : 0;
    former_digit = digit;
    run = letter && !vowel ? run + 1 : 0;
    longest_run = std::max(longest_run, run);
  }
  const auto different = static_cast<std::size_t>(std::popcount(letters));
  if (longest_run >= 5 || changes >= 4) return true;
  return label.size() >= 12 && different * 10 >= label.size() * 6 &&
         (vowels * 5 < label.size() || digits * 4 > label.size());
}

void watch_names(Watched& watched, const Settings& settings, const Question& question, CoarseTick now, Alarms& alarms) {
  const auto name = question.name();
  if (name.ends_with(".arpa") || question.labels < 2) return;  // addresses, and names without a domain
  const std::size_t start = domain_start(name);
  const auto domain = name.substr(start);
  if (!question.answer) {
    if (!carries_data(question, start)) return;
    const auto what = static_cast<std::uint32_t>(hash_of(domain)) | 1;
    auto* place = &watched.children_of_domain[0];
    for (auto& each : watched.children_of_domain) {
      if (each.what == what) {
        place = &each;
        break;
      }
      if (each.seen.estimate() < place->seen.estimate()) place = &each;
    }
    if (place->what != what) *place = {.what = what, .seen = {}};
    const auto count = place->seen.add(hash_of(name), now, span_of(setting_of(settings, Detector::kDnsTunnel)));
    raise(watched, settings, Detector::kDnsTunnel, count, now, Note(domain), alarms);
    return;
  }
  if (question.result != kNameError || !looks_generated(domain.substr(0, domain.find('.')))) return;
  const auto count =
      watched.generated.add(hash_of(domain), now, span_of(setting_of(settings, Detector::kGeneratedNames)));
  raise(watched, settings, Detector::kGeneratedNames, count, now, Note(domain), alarms);
}

}  // namespace wardline::detect
