#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "controlplane/identity/observers.h"
#include "controlplane/identity/tpkt.h"

namespace wardline::identity {
namespace {

using packet::Cursor;

// Partial lists of the system status (SZL) as the maker's manual of system functions describes them: the module's
// identification, and the names of its components.
constexpr std::uint16_t kModule = 0x0011, kComponent = 0x001c;
constexpr int kMaxRecords = 32;

// Records of index, order number, type and two words, of which those of the firmware read 'V' and three numbers.
void tell_module(Bytes record, Observations& out) {
  constexpr std::uint16_t kOrderNumber = 1, kFirmware = 7;
  Cursor in(record);
  const auto index = in.u16();
  const auto order_number = in.take(20);
  in.skip(2);
  const auto version = in.take<4>();
  if (in.failed()) return;
  if (index == kOrderNumber) tell(out, "s7", "s7.model", as_text(order_number));
  if (index == kFirmware && version.u8<0>() == 'V')
    tell(out, "s7", "s7.firmware", fmt::format("V{}.{}.{}", version.u8<1>(), version.u8<2>(), version.u8<3>()));
}

// Records of index and text. Others than these are the plant's, copyright and the memory card's.
void tell_component(Bytes record, Observations& out) {
  constexpr std::uint16_t kName = 1, kSerial = 5, kTypeName = 7;
  Cursor in(record);
  const auto index = in.u16();
  auto text = as_text(in.rest());
  text = text.substr(0, text.find('\0'));
  if (index == kName) tell(out, "s7", "s7.name", text);
  if (index == kSerial) tell(out, "s7", "s7.serial", text);
  if (index == kTypeName) tell(out, "s7", "s7.module", text);
}

void tell_list(Cursor in, Observations& out) {
  constexpr std::uint16_t kLeast = 2;
  const auto head = in.take<8>();  // list, index, length of a record, count
  const auto list = head.u16<0>(), size = head.u16<4>();
  const auto count = std::min<int>(head.u16<6>(), kMaxRecords);
  for (int i = 0; i < count && size >= kLeast; ++i) {
    const auto record = in.take(size);
    if (in.failed()) return;
    if (list == kModule) tell_module(record, out);
    if (list == kComponent) tell_component(record, out);
  }
}

}  // namespace

// Answers that read a list (S7 as in public dissectors): number 0x32, kind 7, lengths of parameters and data; the
// parameters say answer, group 4 and function 1; the data begin with a code of success, a kind and a length.
void observe_s7(Bytes payload, const Speech& speech, Observations& out) {
  constexpr std::uint8_t kS7 = 0x32, kUserData = 7, kAnswerOfSystem = 0x84, kReadList = 1, kSuccess = 0xff;
  if (speech.by_client) return;
  for_each_tpkt(payload, [&](Bytes message) {
    Cursor in(message);
    const auto head = in.take<10>();
    Cursor parameters(in.take(head.u16<6>())), data(in.take(head.u16<8>()));
    if (in.failed() || head.u8<0>() != kS7 || head.u8<1>() != kUserData) return;
    parameters.skip(5);
    const bool wanted = parameters.u8() == kAnswerOfSystem && parameters.u8() == kReadList;
    if (!wanted || data.u8() != kSuccess) return;
    data.skip(3);
    tell_list(data, out);
  });
}

}  // namespace wardline::identity
