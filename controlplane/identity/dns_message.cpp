#include "controlplane/identity/dns_message.h"

namespace wardline::identity {
namespace {

constexpr std::size_t kMaxName = 255, kMaxLabel = 63;  // bytes (RFC 1035, 2.3.4)
constexpr std::uint8_t kPointer = 0xc0;                // the two high bits of a label's length
constexpr int kMaxJumps = 16;
constexpr std::size_t kMaxQuestions = 64, kMaxRecords = 128;

bool read_questions(Bytes bytes, std::size_t count, packet::Cursor& in, DnsMessage& message) {
  if (count > kMaxQuestions) return false;
  for (std::size_t i = 0; i < count; ++i) {
    auto name = read_dns_name(bytes, in);
    in.skip(4);  // type and class
    if (!name || in.failed()) return false;
    message.questions.push_back(std::move(*name));
  }
  return true;
}

bool read_records(Bytes bytes, std::size_t count, packet::Cursor& in, std::vector<DnsRecord>& records) {
  for (std::size_t i = 0; i < count; ++i) {
    auto name = read_dns_name(bytes, in);
    const auto type = in.u16();
    in.skip(2);  // class, whose high bit mDNS uses for other purposes (RFC 6762, 10.2)
    const auto ttl = in.u32();
    const auto data = in.take(in.u16());
    if (!name || in.failed() || records.size() == kMaxRecords) return false;
    records.push_back({.name = std::move(*name), .type = type, .ttl = ttl, .data = data});
  }
  return true;
}

}  // namespace

std::optional<Labels> read_dns_name(Bytes message, packet::Cursor& in) {
  if (in.failed()) return std::nullopt;
  Labels labels;
  packet::Cursor at = in;
  auto start = static_cast<std::size_t>(in.rest().data() - message.data());
  std::size_t length = 0;
  int jumps = 0;
  for (;;) {
    const std::uint8_t head = at.u8();
    if (head >= kPointer) {
      const std::size_t target = static_cast<std::size_t>(head & ~kPointer) << 8 | at.u8();
      if (at.failed() || target >= start || ++jumps > kMaxJumps) return std::nullopt;
      if (jumps == 1) in = at;
      at = packet::Cursor(message.subspan(target));
      start = target;
      continue;
    }
    const auto label = at.take(head);
    length += head + 1U;
    if (at.failed() || head > kMaxLabel || length > kMaxName) return std::nullopt;
    if (head == 0) break;
    labels.push_back(as_text(label));
  }
  if (jumps == 0) in = at;
  return labels;
}

std::optional<DnsMessage> read_dns_message(Bytes bytes) {
  packet::Cursor in(bytes);
  const auto header = in.take<12>();
  if (in.failed()) return std::nullopt;
  DnsMessage message{.flags = header.u16<2>()};
  if (!read_questions(bytes, header.u16<4>(), in, message)) return message;
  if (!read_records(bytes, header.u16<6>(), in, message.answers)) return message;
  if (!read_records(bytes, header.u16<8>(), in, message.authorities)) return message;
  read_records(bytes, header.u16<10>(), in, message.additionals);
  return message;
}

std::string dotted(const Labels& name) {
  std::string text;
  for (const auto label : name) text.append(text.empty() ? "" : ".").append(label);
  return text;
}

std::string domain_text(Bytes encoded) {
  Labels labels;
  packet::Cursor in(encoded);
  while (in.left() > 0 && encoded.size() <= kMaxName) {
    const auto head = in.u8();
    if (head == 0) break;
    labels.push_back(as_text(in.take(head)));
    if (in.failed() || head > kMaxLabel) return {};
  }
  return dotted(labels);
}

}  // namespace wardline::identity
