// Telling the sender of a blocked packet: a TCP reset (RFC 9293, 3.10.7.1) or an ICMP "administratively prohibited"
// (RFC 1812, 5.2.7.1; RFC 4443, 3.1), from a small budget, so that a blocked scan is no amplifier.
#include <algorithm>
#include <cstring>

#include "dataplane/work/worker_state.h"

namespace wardline {
namespace {

class Writer {
 public:
  explicit Writer(std::span<std::byte> room) : room_(room) {}
  void u8(std::uint8_t value) { room_[at_++] = std::byte{value}; }
  void u16(std::uint16_t value) {
    u8(static_cast<std::uint8_t>(value >> 8));
    u8(static_cast<std::uint8_t>(value));
  }
  void u32(std::uint32_t value) {
    u16(static_cast<std::uint16_t>(value >> 16));
    u16(static_cast<std::uint16_t>(value));
  }
  void bytes(std::span<const std::byte> from) {
    std::ranges::copy(from, room_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ += from.size();
  }
  void patch16(std::size_t at, std::uint16_t value) {
    room_[at] = std::byte(value >> 8);
    room_[at + 1] = std::byte(value & 0xff);
  }
  std::size_t size() const { return at_; }
  std::span<const std::byte> from(std::size_t begin) const { return room_.subspan(begin, at_ - begin); }

 private:
  std::span<std::byte> room_;
  std::size_t at_ = 0;
};

// The Internet checksum (RFC 1071) of bytes, on top of `sum`.
std::uint32_t add_up(std::span<const std::byte> bytes, std::uint32_t sum = 0) {
  for (std::size_t i = 0; i < bytes.size(); i += 2)
    sum += std::to_integer<std::uint32_t>(bytes[i]) << 8 |
           (i + 1 < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i + 1]) : 0);
  return sum;
}
std::uint16_t fold(std::uint32_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

std::span<const std::byte> address_bytes(const Address& address, bool v6) {
  const auto all = std::as_bytes(std::span(address.bytes));
  return v6 ? all : all.subspan(12);
}

// Ethernet header with the tags as they came, the other way round; then an IP header from target to source.
std::size_t write_headers(Writer& out, const Passage& passage, std::uint8_t proto, std::uint16_t length) {
  const auto& view = passage.view;
  out.bytes(passage.frame->bytes.subspan(6, 6));
  out.bytes(passage.frame->bytes.first(6));
  out.bytes(passage.frame->bytes.subspan(12, view.network_offset - 12U));
  const auto start = out.size();
  if (view.v6) {
    out.u32(0x60000000);
    out.u16(length);
    out.u8(proto);
    out.u8(64);
  } else {
    out.u16(0x4500);
    out.u16(static_cast<std::uint16_t>(length + 20));
    out.u32(0x00004000);  // identification 0, don't fragment
    out.u8(64);
    out.u8(proto);
    out.u16(0);
  }
  out.bytes(address_bytes(view.target, view.v6));
  out.bytes(address_bytes(view.source, view.v6));
  if (!view.v6) out.patch16(start + 10, fold(add_up(out.from(start))));
  return out.size();
}

std::uint32_t pseudo_header(const Passage& passage, std::uint8_t proto, std::uint16_t length) {
  std::uint32_t sum = add_up(address_bytes(passage.view.source, passage.view.v6));
  sum = add_up(address_bytes(passage.view.target, passage.view.v6), sum);
  return sum + proto + length;
}

void write_reset(Writer& out, const Passage& passage) {
  constexpr std::uint16_t kLength = 20;
  const auto& view = passage.view;
  const auto start = write_headers(out, passage, packet::kProtoTcp, kLength);
  const bool acked = (view.tcp_flags & packet::kAck) != 0;
  const auto consumed = static_cast<std::uint32_t>(view.payload.size()) +
                        ((view.tcp_flags & packet::kSyn) != 0 ? 1 : 0) + ((view.tcp_flags & packet::kFin) != 0 ? 1 : 0);
  out.u16(view.target_port);
  out.u16(view.source_port);
  out.u32(acked ? view.acknowledgement : 0);
  out.u32(acked ? 0 : view.sequence + consumed);
  out.u8(0x50);
  out.u8(acked ? packet::kRst : packet::kRst | packet::kAck);
  out.u32(0);
  out.u16(0);
  out.patch16(start + 16, fold(add_up(out.from(start), pseudo_header(passage, packet::kProtoTcp, kLength))));
}

void write_prohibited(Writer& out, const Passage& passage) {
  const auto& view = passage.view;
  const auto network = passage.frame->bytes.subspan(view.network_offset);
  const auto quote = network.first(std::min<std::size_t>(network.size(), view.v6 ? 48 : 28));
  const auto length = static_cast<std::uint16_t>(8 + quote.size());
  const std::uint8_t proto = view.v6 ? packet::kProtoIcmp6 : packet::kProtoIcmp;
  const auto start = write_headers(out, passage, proto, length);
  out.u8(view.v6 ? 1 : 3);
  out.u8(view.v6 ? 1 : 13);
  out.u16(0);
  out.u32(0);
  out.bytes(quote);
  out.patch16(start + 2, fold(add_up(out.from(start), view.v6 ? pseudo_header(passage, proto, length) : 0)));
}

}  // namespace

void Worker::Impl::reject(const Passage& passage, Batch& into) {
  const auto& view = passage.view;
  const bool tcp = view.l4 == packet::L4::kTcp;
  if ((!tcp && view.l4 != packet::L4::kUdp) || (view.tcp_flags & packet::kRst) != 0 || view.fragment) return;
  const double rate = policy->rejects_per_second;
  reject_tokens = std::min(rate, reject_tokens + rate * static_cast<double>(now - reject_refilled) / kSecond);
  reject_refilled = now;
  if (reject_tokens < 1 || into.created_count == Batch::kMaxCreated) {
    counters.tally(Tally::kRejectsWithheld);
    return;
  }
  reject_tokens -= 1;
  CreatedFrame& frame = into.created[into.created_count++];
  Writer out(frame.bytes);
  if (tcp)
    write_reset(out, passage);
  else
    write_prohibited(out, passage);
  frame.length = static_cast<std::uint16_t>(out.size());
  frame.pair = passage.frame->pair;
  frame.out = passage.frame->side;  // back where it came from
  counters.tally(Tally::kRejectsSent);
}

}  // namespace wardline
