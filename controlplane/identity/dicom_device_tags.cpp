#include "controlplane/identity/dicom_device_tags.h"

#include <algorithm>
#include <cstdint>

#include "controlplane/identity/little_endian.h"

namespace wardline::identity {
namespace {

using packet::Cursor;

struct Wanted {
  std::uint32_t tag;  // group and element
  std::string_view attribute;
};

// PS3.6, 6, in ascending order.
constexpr Wanted kWanted[] = {
    {0x0008'0070, "dicom.vendor"}, {0x0008'1010, "dicom.station"},  {0x0008'1090, "dicom.model"},
    {0x0018'1000, "dicom.serial"}, {0x0018'1020, "dicom.software"},
};
constexpr std::size_t kMaxValue = 64;  // of LO, the longest of these (PS3.5, 6.2)
constexpr int kMaxElements = 512, kMaxPdus = 16, kMaxNesting = 16;
constexpr std::uint32_t kUndefined = 0xffffffff;

// Delimiters of sequences have no VR in any syntax (PS3.5, 7.5).
constexpr std::uint32_t kItemEnd = 0xfffe'e00d, kSequenceEnd = 0xfffe'e0dd;

enum class Syntax { kImplicit, kExplicit };  // both little endian

struct Head {
  std::uint32_t tag = 0, length = 0;
};

// Representations whose length has four bytes behind two reserved ones (PS3.5, 7.1.2).
bool has_long_length(std::string_view vr) {
  constexpr std::string_view kLong[] = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"};
  return std::ranges::find(kLong, vr) != std::end(kLong);
}

Head next_head(Cursor& in, Syntax syntax) {
  const std::uint32_t group = little16(in), element = little16(in);
  const auto tag = group << 16 | element;
  if (syntax == Syntax::kImplicit || group == 0xfffe) return {tag, little32(in)};
  const auto vr = as_text(in.take(2));
  if (!has_long_length(vr)) return {tag, little16(in)};
  in.skip(2);
  return {tag, little32(in)};
}

// Which of the two it is, the acceptor says, not who stores: capitals where a VR stands cannot be a length of the first
// element.
Syntax syntax_of(Bytes data_set) {
  const auto vr = as_text(data_set).substr(0, 6).substr(std::min<std::size_t>(4, data_set.size()));
  const auto capital = [](char letter) { return letter >= 'A' && letter <= 'Z'; };
  return vr.size() == 2 && std::ranges::all_of(vr, capital) ? Syntax::kExplicit : Syntax::kImplicit;
}

// Walks the tags in their order. A sequence of undefined length is walked through, and nothing in it is told.
void tell_elements(Bytes data_set, Observations& out) {
  constexpr auto kLast = std::end(kWanted)[-1].tag;
  const auto syntax = syntax_of(data_set);
  Cursor in(data_set);
  std::uint32_t before = 0;
  int depth = 0;
  for (int i = 0; i < kMaxElements && in.left() > 0; ++i) {
    const auto head = next_head(in, syntax);
    if (in.failed()) return;
    if (head.tag == kItemEnd || head.tag == kSequenceEnd) {
      if (--depth < 0) return;
      continue;
    }
    if (depth == 0 && (head.tag <= before || head.tag > kLast)) return;
    if (depth == 0) before = head.tag;
    if (head.length == kUndefined) {
      if (++depth > kMaxNesting) return;
      continue;
    }
    const auto value = in.take(head.length);
    const auto wanted = std::ranges::find(kWanted, head.tag, &Wanted::tag);
    if (depth == 0 && wanted != std::end(kWanted) && value.size() <= kMaxValue)
      tell(out, "dicom", wanted->attribute, as_text(value));
  }
}

// A command set is always in implicit VR (PS3.7, 6.3.1). One that has a move's originator is an archive's, which sends
// what others made (PS3.7, 9.1.1.1).
bool stores_its_own(Bytes command) {
  constexpr std::uint32_t kCommand = 0x0000'0100, kMoveOriginator = 0x0000'1030;
  constexpr std::uint16_t kStore = 0x0001;
  bool stores = false;
  Cursor in(command);
  for (int i = 0; i < kMaxElements && in.left() > 0; ++i) {
    const auto head = next_head(in, Syntax::kImplicit);
    Cursor value(in.take(head.length));
    if (in.failed() || head.tag == kMoveOriginator) return false;
    if (head.tag == kCommand) stores = little16(value) == kStore;
  }
  return stores;
}

}  // namespace

// PS3.8, 9.3.5 and annex E: P-DATA-TF with items of length, context, and a byte that tells a command from data.
void tell_stored_device(Bytes pdus, Observations& out) {
  constexpr std::uint8_t kData = 0x04, kIsCommand = 1, kIsLast = 2;
  constexpr std::size_t kItemHead = 2;
  Cursor in(pdus);
  bool expected = false;
  for (int i = 0; i < kMaxPdus && in.left() > 0; ++i) {
    const auto type = in.u8();
    in.skip(1);
    const std::size_t length = in.u32();
    Cursor items(in.take(std::min(length, in.left())));
    if (in.failed() || type != kData) return;
    while (items.left() > 0) {
      const std::size_t size = items.u32();
      items.skip(1);
      const auto control = items.u8();
      if (items.failed() || size < kItemHead) return;
      const bool whole = size - kItemHead <= items.left();
      const auto content = items.take(std::min(size - kItemHead, items.left()));
      if ((control & kIsCommand) == 0) return expected ? tell_elements(content, out) : void();
      expected = whole && (control & kIsLast) != 0 && stores_its_own(content);
    }
  }
}

}  // namespace wardline::identity
