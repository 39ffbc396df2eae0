#include "dataplane/fragments/fragment_queue.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>

#include "dataplane/fold.h"

namespace wardline::fragments {

FragmentQueue::FragmentQueue(std::uint32_t buffers, std::uint32_t buffer_bytes)
    : buffer_bytes_(buffer_bytes),
      buffers_of_device_(std::max<std::uint32_t>(buffers / 4, 2)),
      bytes_(std::size_t{buffers} * buffer_bytes),
      buffers_(buffers),
      datagrams_(buffers),
      buckets_(std::bit_ceil(buffers | 1u) * 2, kNone),
      whole_(kLongestPacket + 128) {  // and the link header, and IPv6's
  std::random_device secret;
  seed_ = std::uint64_t{secret()} << 32 | secret() | 1;
  for (std::uint32_t i = buffers; i-- > 0;) {
    buffers_[i].next = free_buffer_;
    datagrams_[i].next = free_datagram_;
    free_buffer_ = free_datagram_ = i;
  }
}

std::uint32_t FragmentQueue::bucket_of(std::uint64_t device) const {
  const auto mixed = fold(device ^ seed_, ~seed_);
  return static_cast<std::uint32_t>(mixed >> 32) & static_cast<std::uint32_t>(buckets_.size() - 1);
}

// Bounded by the device's share and by the few devices that share its bucket.
FragmentQueue::OfDevice FragmentQueue::survey(const DatagramKey& key, std::uint64_t device) const {
  OfDevice found;
  for (auto index = buckets_[bucket_of(device)]; index != kNone; index = datagrams_[index].next) {
    const auto& known = datagrams_[index];
    if (known.device != device) continue;
    ++found.datagrams;
    found.buffers += known.count;
    if (known.key == key) found.same = index;
  }
  return found;
}

std::uint32_t FragmentQueue::begin(const DatagramKey& key, std::uint64_t device, Tick now) {
  const auto index = free_datagram_;
  if (index == kNone) return kNone;
  auto& datagram = datagrams_[index];
  free_datagram_ = datagram.next;
  auto& first = buckets_[bucket_of(device)];
  datagram.key = key;
  datagram.device = device;
  datagram.deadline = now + kHoldTime;
  datagram.next = first;
  datagram.older = newest_;
  datagram.newer = kNone;
  datagram.end = datagram.bytes = 0;
  datagram.count = 0;
  datagram.state = State::kGathering;
  datagram.refused_for = Reason::kNone;
  first = index;
  (newest_ == kNone ? oldest_ : datagrams_[newest_].newer) = index;
  newest_ = index;
  return index;
}

std::span<const std::byte> FragmentQueue::frame_of(std::uint32_t buffer) const {
  return {&bytes_[std::size_t{buffer} * buffer_bytes_], buffers_[buffer].frame_length};
}

std::span<const std::byte> FragmentQueue::data_of(std::uint32_t buffer) const {
  return frame_of(buffer).subspan(buffers_[buffer].data_at, buffers_[buffer].data_length);
}

// How a fragment lies to what is held of its datagram: kHeld if it fits in.
FragmentQueue::Answer FragmentQueue::place(const Datagram& datagram, const Fragment& fragment) const {
  const std::uint32_t first = fragment.offset;
  const auto end = static_cast<std::uint32_t>(first + fragment.data.size());
  for (std::size_t i = 0; i < datagram.count; ++i) {
    const auto& held = buffers_[datagram.pieces[i]];
    const std::uint32_t held_end = held.offset + held.data_length;
    if (held.offset == first && held_end == end && held.more == fragment.more &&
        std::ranges::equal(data_of(datagram.pieces[i]), fragment.data))
      return Answer::kDuplicate;
    if (first < held_end && held.offset < end) return Answer::kOverlap;
    if (!fragment.more && held_end > end) return Answer::kOverlap;  // it says that nothing follows
  }
  if (datagram.end != 0 && (end > datagram.end || !fragment.more)) return Answer::kOverlap;
  return datagram.count == kMaxPieces ? Answer::kTooMany : Answer::kHeld;
}

FragmentQueue::Offered FragmentQueue::offer(const DatagramKey& key, std::uint64_t device, const Fragment& fragment,
                                            const Frame& frame, Tick now) {
  const OfDevice own = survey(key, device);
  auto index = own.same;
  if (index != kNone) {
    if (datagrams_[index].state == State::kRefused) return {Answer::kRefused, index};
    if (datagrams_[index].state == State::kLetGo) return {Answer::kLetGo, index};
    if (const auto lies = place(datagrams_[index], fragment); lies != Answer::kHeld) return {lies, index};
  }
  const bool room = free_buffer_ != kNone && frame.bytes.size() <= buffer_bytes_ && own.buffers < buffers_of_device_;
  if (!room || (index == kNone && own.datagrams >= kDatagramsOfDevice)) return {Answer::kNoRoom, index};
  if (index == kNone) index = begin(key, device, now);
  if (index == kNone) return {Answer::kNoRoom, kNone};

  const auto buffer = free_buffer_;
  auto& held = buffers_[buffer];
  free_buffer_ = held.next;
  ++in_use_;
  held = {.next = kNone,
          .frame_length = static_cast<std::uint32_t>(frame.bytes.size()),
          .data_at = static_cast<std::uint32_t>(fragment.data.data() - frame.bytes.data()),
          .data_length = static_cast<std::uint32_t>(fragment.data.size()),
          .offset = fragment.offset,
          .pair = frame.pair,
          .side = frame.side,
          .more = fragment.more};
  std::memcpy(&bytes_[std::size_t{buffer} * buffer_bytes_], frame.bytes.data(), frame.bytes.size());
  auto& datagram = datagrams_[index];
  datagram.pieces[datagram.count++] = buffer;
  datagram.bytes += held.data_length;
  if (!fragment.more) datagram.end = held.offset + held.data_length;
  // Nothing overlaps, so as many bytes as the datagram has are all of them.
  return {datagram.end != 0 && datagram.bytes == datagram.end ? Answer::kWhole : Answer::kHeld, index};
}

FragmentQueue::Piece FragmentQueue::piece(std::uint32_t datagram, std::size_t i) const {
  const auto buffer = datagrams_[datagram].pieces[i];
  return {frame_of(buffer), buffers_[buffer].pair, buffers_[buffer].side};
}

std::span<const std::byte> FragmentQueue::put_together(std::uint32_t index) {
  const auto& datagram = datagrams_[index];
  const auto held = std::span(datagram.pieces).first(datagram.count);
  const auto first = std::ranges::find(held, 0u, [this](std::uint32_t buffer) { return buffers_[buffer].offset; });
  if (first == held.end()) return {};
  const auto frame = frame_of(*first);
  const auto view = packet::parse(frame);
  const auto fragment = read_fragment(view, frame);
  if (!fragment) return {};
  const auto headers = write_whole_headers(view, *fragment, frame, datagram.end, whole_);
  if (!headers) return {};
  for (const auto buffer : held) {
    const auto data = data_of(buffer);
    if (!data.empty()) std::memcpy(&whole_[*headers + buffers_[buffer].offset], data.data(), data.size());
  }
  return std::span<const std::byte>(whole_).first(*headers + datagram.end);
}

void FragmentQueue::release(std::uint32_t datagram, std::size_t i) {
  const auto buffer = datagrams_[datagram].pieces[i];
  (released_ == kNone ? released_ : buffers_[last_released_].next) = buffer;
  last_released_ = buffer;
}

void FragmentQueue::discard(std::uint32_t datagram, std::size_t i) {
  free_buffer(datagrams_[datagram].pieces[i]);
}

void FragmentQueue::free_buffer(std::uint32_t buffer) {
  buffers_[buffer].next = free_buffer_;
  free_buffer_ = buffer;
  --in_use_;
}

void FragmentQueue::erase(std::uint32_t index) {
  auto& datagram = datagrams_[index];
  auto* link = &buckets_[bucket_of(datagram.device)];
  while (*link != index) link = &datagrams_[*link].next;
  *link = datagram.next;
  (datagram.older == kNone ? oldest_ : datagrams_[datagram.older].newer) = datagram.newer;
  (datagram.newer == kNone ? newest_ : datagrams_[datagram.newer].older) = datagram.older;
  datagram.count = 0;
  datagram.next = free_datagram_;
  free_datagram_ = index;
}

void FragmentQueue::refuse(std::uint32_t index, Reason reason) {
  datagrams_[index].state = State::kRefused;
  datagrams_[index].refused_for = reason;
  datagrams_[index].count = 0;
}

void FragmentQueue::let_go(std::uint32_t index) {
  datagrams_[index].state = State::kLetGo;
  datagrams_[index].count = 0;
}

std::uint32_t FragmentQueue::overdue(Tick now) const {
  return oldest_ != kNone && datagrams_[oldest_].deadline <= now ? oldest_ : kNone;
}

std::size_t FragmentQueue::take_released(std::span<ReleasedFrame> into) {
  for (std::size_t i = 0; i < given_count_; ++i) free_buffer(given_[i]);
  given_count_ = 0;
  while (released_ != kNone && given_count_ < std::min(into.size(), given_.size())) {
    const auto buffer = released_;
    released_ = buffers_[buffer].next;
    into[given_count_] = {frame_of(buffer), buffers_[buffer].pair, other(buffers_[buffer].side)};
    given_[given_count_++] = buffer;
  }
  return given_count_;
}

}  // namespace wardline::fragments
