// Bytes that identity needs whole, copied for the control plane: bounded for each device, never an mbuf.
#include <algorithm>
#include <cstring>

#include "dataplane/packet/cursor.h"
#include "dataplane/work/undecided_flow.h"

namespace wardline {

// A device may have so many copies in ten seconds; the unidentified share a count with the MACs of their bucket.
bool Worker::Impl::take_copy_budget(const Passage& passage, SlotId slot) {
  constexpr std::uint32_t kPerWindow = 64;
  constexpr CoarseTick kWindow = coarse_duration(10 * kSecond);
  const std::uint32_t window = coarse_now / kWindow + 1;
  if (slot == kNoSlot || slot < enforce::DeviceSlots::kFirstReal) {
    Bucket& bucket = mac_copies[(passage.device_mac().number() * 0x9e3779b97f4a7c15 >> 32) % mac_copies.size()];
    if (bucket.window != window) bucket = {window, 0};
    return bucket.bytes++ < kPerWindow;
  }
  auto& cold = slots.cold(slot);
  if (cold.copies_window.load(std::memory_order_relaxed) != window) {
    cold.copies_window.store(window, std::memory_order_relaxed);
    cold.copies.store(0, std::memory_order_relaxed);
  }
  return cold.copies.fetch_add(1, std::memory_order_relaxed) < kPerWindow;
}

// A place in the ring, filled but for what is particular; null (and counted) when there is none.
FrameCopy* Worker::Impl::begin_copy(const Passage& passage, SlotId slot, std::span<const std::byte> bytes) {
  FrameCopy* copy = take_copy_budget(passage, slot) ? copies.begin_put() : nullptr;
  if (copy == nullptr) {
    counters.tally(Tally::kObservationsLost);
    return nullptr;
  }
  const auto some = bytes.first(std::min(bytes.size(), FrameCopy::kMaxBytes));
  copy->what = FrameCopy::What::kFrame;
  copy->side = passage.frame->side;
  copy->device_is_client = false;
  copy->bundle = static_cast<std::uint8_t>(options.bundle);
  copy->pair = passage.frame->pair;
  copy->segment = passage.segment;
  copy->app = kNoApp;
  copy->slot = slot;
  copy->device_mac = passage.device_mac();
  copy->device_ip = passage.device_address();
  copy->peer_ip = passage.peer();
  copy->device_port = passage.device_port();
  copy->peer_port = passage.peer_port();
  copy->time = now;
  copy->length = static_cast<std::uint16_t>(some.size());
  // std::ranges::copy goes byte by byte here.
  if (!some.empty()) std::memcpy(copy->bytes.data(), some.data(), some.size());
  return copy;
}

void Worker::Impl::copy_frame(const Passage& passage, SlotId slot) {
  if (begin_copy(passage, slot, passage.frame->bytes) != nullptr) copies.finish_put();
}

namespace {

// What a SYN over IPv4 shows of the stack that made it: hops left, and its options in their order.
std::uint32_t look_of(const packet::PacketView& view, std::span<const std::byte> frame) {
  constexpr std::size_t kHeader = 20, kMostOptions = 40;
  std::uint32_t look = 0x811c9dc5;  // FNV-1a
  const auto add = [&look](std::uint8_t value) { look = (look ^ value) * 0x01000193; };
  add(view.hop_limit);
  packet::Cursor in(frame.subspan(std::min<std::size_t>(view.network_offset, frame.size())));
  in.skip((in.u8() & 0xfU) * 4U - 1U);
  const auto tcp = in.take<kHeader>();
  packet::Cursor options(in.take(std::max<std::size_t>((tcp.u8<12>() >> 4U) * 4U, kHeader) - kHeader));
  for (std::size_t i = 0; i < kMostOptions && options.left() > 0; ++i) {
    const auto kind = options.u8();
    add(kind);
    if (kind == 0) break;
    if (kind != 1) options.skip(std::max<std::size_t>(options.u8(), 2) - 2);
  }
  return look;
}

}  // namespace

// How a device's stack opens a connection tells its operating system: one of its SYNs in ten minutes is enough, and
// each that looks unlike the one before it, since another machine may have made it. The slot's number holds the window
// (16 bits), the look (12 bits) and how many were copied (4 bits).
void Worker::Impl::copy_opening(const Passage& passage, SlotId slot) {
  constexpr CoarseTick kWindow = coarse_duration(600 * kSecond);
  constexpr std::uint32_t kMost = 15, kLook = 0xfff0;
  const auto& view = passage.view;
  if (!passage.from_device || view.v6 || (view.tcp_flags & (packet::kSyn | packet::kAck)) != packet::kSyn) return;
  auto& last = slots.cold(slot).opening_window;
  const auto known = last.load(std::memory_order_relaxed);
  const std::uint32_t window = (coarse_now / kWindow + 1) << 16U;
  const std::uint32_t copied = (known ^ window) >> 16U == 0 ? known & kMost : 0;
  if (copied == kMost) return;
  const std::uint32_t look = look_of(view, passage.frame->bytes) & kLook;
  if (copied != 0 && (known & kLook) == look) return;
  last.store(window | look | (copied + 1), std::memory_order_relaxed);
  copy_frame(passage, slot);
}

// What the device said first, or a datagram of it; never what its peer says.
template <typename Key>
void Worker::Impl::copy_first_bytes(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage,
                                    std::span<const std::byte> bytes) {
  const auto& hot = table.hot(index);
  FrameCopy* copy = begin_copy(passage, hot.device_slot.get(), bytes);
  if (copy == nullptr) return;
  copy->what = FrameCopy::What::kFirstBytes;
  copy->side = Side::kDevice;
  copy->device_is_client = static_cast<flow::OpenedBy>(hot.opened_by) == flow::OpenedBy::kDevice;
  copy->app = table.cold(index).app;
  copies.finish_put();
}

// The same to a group, which is no flow.
void Worker::Impl::copy_datagram(const Passage& passage, const FoundDevice& device, AppId app) {
  FrameCopy* copy = begin_copy(passage, device.identified() ? device.slot : kNoSlot, passage.view.payload);
  if (copy == nullptr) return;
  copy->what = FrameCopy::What::kFirstBytes;
  copy->device_is_client = true;
  copy->app = app;
  copies.finish_put();
}

template <typename Key>
void Worker::Impl::tell_datagram(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  if (passage.from_device && counted_only(table.hot(index)) && !passage.view.payload.empty() &&
      copies_each(table.cold(index).app))
    copy_first_bytes(table, index, passage, passage.view.payload);
}

#define WARDLINE_INSTANTIATE(Key)                                                                      \
  template void Worker::Impl::tell_datagram(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&);   \
  template void Worker::Impl::copy_first_bytes(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&, \
                                               std::span<const std::byte>);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
