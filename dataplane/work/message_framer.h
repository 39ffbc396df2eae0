#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>

namespace wardline::work {

// Follows the messages of one direction of a Modbus/TCP connection (Modbus Messaging on TCP/IP 1.0b, 3.1.3: a 7-byte
// MBAP header whose bytes 4-5 give the length of what follows) for the life of the flow, and says of each segment
// whether all messages that begin in it may pass.
//
// A segment must begin where the last one ended. A retransmission must be made of whole ones of the last kRemembered
// segments, byte for byte (compared by hash), with new bytes after them or not, so that nothing reaches the receiver
// that was not judged. What the receiver acknowledged it takes no more, so that passes: a keep-alive brings a byte of
// any value (RFC 9293, 3.8.4).
class ModbusFramer {
 public:
  enum class Answer : std::uint8_t { kPass, kForbidden, kNotModbus, kOutOfOrder, kContradiction };

  void start(std::uint32_t next_sequence) {
    *this = {};
    next_ = acknowledged_ = next_sequence;
    started_ = true;
  }
  bool started() const { return started_; }

  // The receiver has all bytes before this one.
  void acknowledged(std::uint32_t sequence) {
    if (started_ && static_cast<std::int32_t>(next_ - sequence) >= 0) acknowledged_ = sequence;
  }

  // `reads_only`: requests may only carry function codes that read (1-4, 7, 11, 12, 17, 20, 24, 43/14).
  Answer judge(std::uint32_t sequence, std::span<const std::byte> segment, bool reads_only);

 private:
  static constexpr std::size_t kRemembered = 8;
  struct Sent {
    std::uint32_t sequence = 0, length = 0;
    std::uint64_t hash = 0;
  };
  std::size_t sent_before(std::uint32_t sequence, std::span<const std::byte> segment) const;
  Answer consume(std::span<const std::byte> bytes, bool reads_only);

  bool started_ = false;
  std::uint32_t next_ = 0, acknowledged_ = 0;
  std::uint16_t remaining_ = 0;  // bytes of the current message still to come, after the header
  std::uint8_t header_have_ = 0;
  std::array<std::uint8_t, 8> header_{};  // MBAP and function code
  std::array<Sent, kRemembered> sent_{};
  std::uint8_t sent_next_ = 0;
};

// Both directions of a flow; [0] from the device side.
struct MessageState {
  std::array<ModbusFramer, 2> direction;
  std::uint32_t next_free = 0;
};

// Fixed pool. Owner: one worker.
class FramerPool {
 public:
  explicit FramerPool(std::uint32_t capacity);
  std::uint32_t take();  // kNoSide when exhausted
  void give_back(std::uint32_t index);
  MessageState& operator[](std::uint32_t index) { return states_[index]; }

 private:
  std::unique_ptr<MessageState[]> states_;
  std::uint32_t free_;
};

}  // namespace wardline::work
