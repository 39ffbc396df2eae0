#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/enforce/snapshot.h"
#include "dataplane/worker.h"
#include "tests/unit/packet_builder.h"

namespace wardline::test {

// A policy for worker tests, written in a few words. Applications and their greetings: alpha "ALPHA", beta "BETA",
// ftp "220 " or "USER ", tftp (opcode 1 or 2), modbus (an MBAP header), dhcp (BOOTREQUEST or BOOTREPLY), ping (icmp).
// Of the applications whose facts are read: modbus, web (HTTP), hello (TLS), controller (BACnet), results (HL7), quic.
// Threats: "EVIL" condemns, "ODD" only alerts.
class PolicyWords {
 public:
  enum App : AppId {
    kPing = 1,
    kDhcp,
    kAlpha,
    kBeta,
    kFtp,
    kFtpData,
    kTftp,
    kModbus,
    kWeb,
    kHello,
    kController,
    kResults,
    kQuic,
    kAppCount
  };
  enum Threat : SignatureId { kEvil = 6, kOdd };
  static constexpr ClassId kPump = 1, kTv = 2, kServerClass = 3;
  static constexpr SegmentId kWard = 1, kRouted = 2;

  PolicyWords();

  struct RuleWords {
    enforce::Opens opens = enforce::Opens::kDevice;
    std::string_view peer = "any";  // an address, "any", "broadcast", "multicast" or "class:N"
    std::vector<AppId> apps = {};
    std::uint16_t port = 0;  // 0: any
    std::uint8_t proto = 0;
    bool unclassified = false, essential = false, living = false;
    std::vector<enforce::FactTest> when = {};
  };
  // Rules must be given class by class: each call replaces the class's list.
  PolicyWords& rules(ClassId device_class, const std::vector<RuleWords>& words);
  PolicyWords& infrastructure(const std::vector<RuleWords>& words);
  PolicyWords& expects(std::vector<ClassId> classes);
  enforce::Snapshot& plain() { return plain_; }
  enforce::Segment& ward() { return plain_.segments[kWard]; }
  enforce::DeviceClass& device_class(ClassId id) { return plain_.classes[id]; }

  std::unique_ptr<const enforce::Snapshot> snapshot(std::uint32_t epoch);

 private:
  enforce::Range add(const std::vector<RuleWords>& words);
  enforce::Snapshot plain_;
  std::vector<enforce::AddressSets::Entry> sets_;
  std::uint16_t set_count_ = 1;
};

// One worker between two legs, fed by hand. Untagged frames are of segment `ward`, VLAN 20 of `routed`.
class Rig {
 public:
  explicit Rig(PolicyWords words = {}, WorkerOptions options = small());
  ~Rig();

  static WorkerOptions small();
  // kNone = forwarded, or held.
  Reason from_device(const FrameBuilder& frame) { return one(frame.bytes(), Side::kDevice); }
  Reason from_core(const FrameBuilder& frame) { return one(frame.bytes(), Side::kCore); }
  Reason one(const Bytes& frame, Side side, std::uint8_t pair = 0);
  std::vector<Reason> burst(const std::vector<std::pair<Bytes, Side>>& frames);
  void idle();
  void advance(Tick by) { now_ += by; }
  Tick now() const { return now_; }

  SlotId add_device(std::string_view mac, ClassId device_class, SegmentId segment = PolicyWords::kWard,
                    std::string_view address = "");
  void quarantine(SlotId slot, enforce::Profile profile);
  void arm(SlotId slot, enforce::Profile profile, std::uint16_t threshold, bool detections_only = false);
  void publish(PolicyWords& words);

  std::vector<Event> drain();  // and forgets
  std::vector<Event> drain(EventKind kind);
  std::vector<FrameCopy> drain_copies();
  const std::vector<CreatedFrame>& created() const { return created_; }
  const std::vector<Bytes>& released() const { return released_; }  // held once, went on later
  bool held() const { return held_; }                               // the last frame given by one()
  // received + created = forwarded + dropped + held
  void expect_balanced() const;

  Worker& worker() { return *worker_; }
  enforce::DeviceSlots& slots() { return *slots_; }
  SnapshotPublisher& publisher() { return publisher_; }
  enforce::QuarantineBudgets& budgets() { return budgets_; }

 private:
  SnapshotPublisher publisher_;
  std::unique_ptr<enforce::DeviceSlots> slots_;
  enforce::QuarantineBudgets budgets_;
  std::unique_ptr<Worker> worker_;
  void take_out(const Batch& batch);
  std::vector<CreatedFrame> created_;
  std::vector<Bytes> released_;
  bool held_ = false;
  Tick now_ = 1000 * kSecond;
  std::uint32_t epoch_ = 0;
};

// A TCP connection opened by the device at `client` (or by the core where `from_core`), spoken through a rig.
class Talk {
 public:
  Talk(Rig& rig, std::string_view device_mac, std::string_view device_ip, std::string_view peer_ip,
       std::uint16_t device_port, std::uint16_t peer_port, bool device_opens = true);
  Talk& handshake();  // SYN, SYN-ACK, ACK; expects all three forwarded
  Reason syn();
  Reason device_says(std::string_view text);  // in order; the sequence moves on only if forwarded
  Reason peer_says(std::string_view text);
  FrameBuilder device_segment(std::uint32_t offset, std::string_view text) const;  // offset from the next byte
  FrameBuilder peer_segment(std::uint32_t offset, std::string_view text) const;

 private:
  FrameBuilder from_device() const;
  FrameBuilder from_peer() const;
  Rig& rig_;
  std::string device_mac_, device_ip_, peer_ip_;
  std::uint16_t device_port_, peer_port_;
  bool device_opens_;
  std::uint32_t device_next_ = 1000, peer_next_ = 5000;
};

}  // namespace wardline::test
