#pragma once
#include <array>
#include <bitset>
#include <cstddef>
#include <span>

#include "dataplane/facts/client_hello.h"

namespace wardline::facts {

// The ClientHello of one QUIC connection, put in order from the CRYPTO frames of a client's Initial packets. Programs
// of today mix the frames, and with a post-quantum key share the hello needs two datagrams. Plain memory, with no
// pointer into what it was given.
class QuicHello {
 public:
  // Takes a datagram of the client. True when it brought bytes of the hello.
  bool take(std::span<const std::byte> datagram);
  // All of it is here: no later datagram can bring more.
  bool complete() const;
  // Adds what the bytes up to the first hole say.
  void add_facts(FactSet& facts) const;

 private:
  static constexpr std::size_t kHeader = 4;  // of the handshake message
  static constexpr std::size_t kRoom = kHeader + kMaxHello;

  bool take_frames(std::span<const std::byte> frames);
  bool take_crypto(std::uint64_t offset, std::span<const std::byte> data);
  std::span<const std::byte> in_order() const { return std::span(bytes_).first(in_order_); }
  // As its header says; 0 as long as that is not there.
  std::size_t length() const;

  std::size_t in_order_ = 0;  // bytes before the first hole
  std::bitset<kRoom> here_;
  std::array<std::byte, kRoom> bytes_;
};

}  // namespace wardline::facts
