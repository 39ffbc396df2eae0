#include "controlplane/capture/pcapng.h"

namespace wardline::capture {
namespace {

constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a, kInterfaceDescription = 1, kEnhancedPacket = 6;
constexpr std::uint16_t kEndOfOptions = 0, kComment = 1, kApplication = 4, kInterfaceName = 2, kPacketFlags = 2;

// A block's body; fields of more than a byte are padded to four, as the format wants it.
class Body {
 public:
  Body& u16(std::uint16_t value) { return number(value, 2); }
  Body& u32(std::uint32_t value) { return number(value, 4); }
  Body& bytes(std::string_view value) {
    body_ += value;
    body_.append((4 - body_.size() % 4) % 4, '\0');
    return *this;
  }
  Body& option(std::uint16_t code, std::string_view value) {
    constexpr std::size_t kLongest = 65'535;
    value = value.substr(0, kLongest);
    return u16(code).u16(static_cast<std::uint16_t>(value.size())).bytes(value);
  }
  std::string block(std::uint32_t type) const {
    const auto length = static_cast<std::uint32_t>(body_.size() + 12);
    return Body().u32(type).u32(length).body_ + body_ + Body().u32(length).body_;
  }

 private:
  Body& number(std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) body_ += static_cast<char>(value >> (8 * i));
    return *this;
  }
  std::string body_;
};

}  // namespace

std::string section_header(std::string_view application) {
  constexpr std::uint32_t kByteOrder = 0x1a2b3c4d, kUnknown = 0xffffffff;
  Body body;
  body.u32(kByteOrder).u16(1).u16(0).u32(kUnknown).u32(kUnknown);  // version 1.0, a section of unknown length
  return body.option(kApplication, application).option(kEndOfOptions, "").block(kSectionHeader);
}

std::string interface_description(std::string_view name, std::uint32_t snap) {
  constexpr std::uint16_t kEthernet = 1;
  Body body;
  body.u16(kEthernet).u16(0).u32(snap);
  return body.option(kInterfaceName, name).option(kEndOfOptions, "").block(kInterfaceDescription);
}

std::string enhanced_packet(const CommentedPacket& packet) {
  const std::string_view bytes(reinterpret_cast<const char*>(packet.bytes.data()), packet.bytes.size());
  const std::string direction{packet.outbound ? '\2' : '\1', '\0', '\0', '\0'};
  Body body;
  body.u32(packet.interface);
  body.u32(static_cast<std::uint32_t>(packet.time >> 32)).u32(static_cast<std::uint32_t>(packet.time));
  body.u32(static_cast<std::uint32_t>(bytes.size())).u32(packet.wire_length).bytes(bytes);
  body.option(kComment, packet.comment).option(kPacketFlags, direction);
  return body.option(kEndOfOptions, "").block(kEnhancedPacket);
}

}  // namespace wardline::capture
