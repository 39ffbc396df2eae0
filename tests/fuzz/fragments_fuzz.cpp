// Any soup of fragments: a datagram is whole exactly when a slow twin says so, what is put together is exactly what its
// pieces hold, what is released are the frames as they came, and no buffer is lost.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <span>
#include <vector>

#include "dataplane/fragments/fragment_queue.h"

namespace {

using namespace wardline;
using fragments::FragmentQueue;
using Answer = FragmentQueue::Answer;
using Bytes = std::vector<std::byte>;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Twin {
  std::vector<int> data = std::vector<int>(4096, -1);  // by place; -1: not there
  std::size_t end = 0;                                 // 0: not known
  std::vector<Bytes> frames;

  bool whole() const {
    return end != 0 && std::none_of(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(end),
                                    [](int byte) { return byte < 0; });
  }
};

// An IPv4 fragment of UDP between two fixed hosts, without a right checksum, as no one asks for it.
Bytes fragment_frame(std::uint8_t id, std::size_t offset, bool more, std::span<const std::byte> data) {
  Bytes frame(34, std::byte{0});
  const auto put16 = [&](std::size_t at, std::size_t value) {
    frame[at] = std::byte(value >> 8);
    frame[at + 1] = std::byte(value & 0xff);
  };
  put16(12, 0x0800);
  frame[14] = std::byte{0x45};
  put16(16, 20 + data.size());
  put16(18, id);
  put16(20, offset / 8 | (more ? 0x2000 : 0));
  frame[22] = std::byte{64};
  frame[23] = std::byte{17};
  frame[26] = frame[30] = std::byte{10};
  frame.insert(frame.end(), data.begin(), data.end());
  return frame;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  FragmentQueue queue(16, 256);
  std::map<std::uint32_t, Twin> twins;  // by the queue's number, while it gathers
  std::vector<Bytes> waiting;           // released, in order
  Tick now = kSecond;
  const auto take = [&] {
    std::array<ReleasedFrame, 5> room;
    const auto count = queue.take_released(room);
    for (std::size_t i = 0; i < count; ++i) require(std::ranges::equal(room[i].bytes, waiting.at(i)));
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(count));
    return count;
  };
  const auto conclude = [&](std::uint32_t datagram, bool release) {
    require(queue.pieces(datagram) == (twins.contains(datagram) ? twins[datagram].frames.size() : 0));
    for (std::size_t i = 0; i < queue.pieces(datagram); ++i) {
      require(std::ranges::equal(queue.piece(datagram, i).frame, twins[datagram].frames[i]));
      release ? queue.release(datagram, i) : queue.discard(datagram, i);
      if (release) waiting.push_back(twins[datagram].frames[i]);
    }
    twins.erase(datagram);
  };

  // [id and device, place / 8, length, what to do] data, again and again.
  auto rest = std::as_bytes(std::span(input, size));
  while (rest.size() > 4) {
    const auto who = std::to_integer<std::uint8_t>(rest[0]), control = std::to_integer<std::uint8_t>(rest[3]);
    const std::size_t offset = std::to_integer<std::size_t>(rest[1]) * 8;
    const auto length = std::min<std::size_t>(std::to_integer<std::size_t>(rest[2]), rest.size() - 4);
    const auto data = rest.subspan(4, length);
    rest = rest.subspan(4 + length);
    now += (control >> 4) * 20 * kMillisecond;
    for (auto late = queue.overdue(now); late != FragmentQueue::kNone; late = queue.overdue(now)) {
      conclude(late, (control & 8) != 0);
      queue.erase(late);
    }
    take();
    const bool more = (control & 1) != 0;
    const Bytes frame = fragment_frame(who & 3, offset, more, data);
    const auto view = packet::parse(frame);
    const auto fragment = fragments::read_fragment(view, frame);
    if (!view.fragment || !fragment || !fragment->in_bounds()) continue;
    const auto answer = queue.offer({.source = view.source, .target = view.target, .id = fragment->id}, who >> 2 & 3,
                                    *fragment, Frame{.bytes = frame}, now);
    if (answer.datagram == FragmentQueue::kNone) continue;
    auto& twin = twins[answer.datagram];
    switch (answer.answer) {
      case Answer::kWhole:
      case Answer::kHeld:
        for (std::size_t i = 0; i < data.size(); ++i) {
          require(twin.data[offset + i] < 0);
          twin.data[offset + i] = std::to_integer<int>(data[i]);
        }
        twin.frames.push_back(frame);
        if (!more) twin.end = offset + data.size();
        require(twin.whole() == (answer.answer == Answer::kWhole));
        if (answer.answer == Answer::kHeld) break;
        if (const auto whole = queue.put_together(answer.datagram); !whole.empty()) {
          require(whole.size() == 34 + twin.end);
          for (std::size_t i = 0; i < twin.end; ++i) require(std::to_integer<int>(whole[34 + i]) == twin.data[i]);
        }
        conclude(answer.datagram, (control & 2) != 0);
        queue.erase(answer.datagram);
        break;
      case Answer::kOverlap:
      case Answer::kTooMany:
        conclude(answer.datagram, false);
        queue.refuse(answer.datagram, Reason::kFragmentOverlap);
        break;
      case Answer::kNoRoom:
        conclude(answer.datagram, true);
        queue.let_go(answer.datagram);
        break;
      case Answer::kDuplicate:
        for (std::size_t i = 0; i < data.size(); ++i) require(twin.data[offset + i] == std::to_integer<int>(data[i]));
        break;
      case Answer::kRefused:
      case Answer::kLetGo:
        twins.erase(answer.datagram);
        break;
    }
  }
  for (auto left = queue.overdue(~Tick{0}); left != FragmentQueue::kNone; left = queue.overdue(~Tick{0})) {
    conclude(left, true);
    queue.erase(left);
  }
  while (take() != 0) {
  }
  require(waiting.empty() && queue.empty());
  return 0;
}
