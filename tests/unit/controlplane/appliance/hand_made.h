#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/appliance/appliance.h"
#include "dataplane/capture/recording.h"

namespace wardline::appliance {

// A site of three classes and two segments, made without files; and an appliance whose worker is the test itself.
class HandMade {
 public:
  static constexpr ClassId kTv = 1, kPump = 2, kMonitor = 3;
  static constexpr SegmentId kRooms = 1, kIcu = 2;
  static constexpr std::uint32_t kCapacity = 64;  // devices
  static constexpr Tick kStart = 1'000'000 * kSecond;

  // `store_path` and `region_path` "" keep everything in memory.
  explicit HandMade(std::string store_path = "", std::string region_path = "",
                    std::chrono::milliseconds longest_drain = {});

  // Ends the appliance and its workers' memory as a crash or a stop would, and opens new ones on the same paths.
  void restart(bool keep_region);

  std::shared_ptr<policy::Policy> policy();  // to change before use()
  void use(std::shared_ptr<const policy::Policy> policy);

  // An event of this device at `now`: 10.20.0.<n> with MAC 02:00:00:00:00:<n>, towards 203.0.113.10:443.
  Event event(EventKind kind, std::uint8_t device, SegmentId segment = kRooms) const;
  void put(const Event& event);
  void put(const FrameCopy& copy);
  std::size_t drain_once();
  void drain();
  void flush();
  void tick(Tick duration);  // time passes, then maintenance
  // One request; the reply's text.
  std::string ask(std::string_view request, std::string_view user = "alice");

  SlotId slot_of(std::uint8_t device, SegmentId segment = kRooms) const;
  static std::string id_of(std::uint8_t device);
  std::vector<std::string> records(std::string_view type) const;  // JSON, oldest first

  capture::Tap tap;  // of the worker
  std::unique_ptr<enforce::DeviceSlots> slots;
  std::unique_ptr<SnapshotPublisher> publisher;
  std::unique_ptr<enforce::QuarantineBudgets> budgets;
  std::unique_ptr<Appliance> appliance;
  Tick now = kStart;

 private:
  void open();
  WallTime wall() const;
  Appliance::Sink sink();

  std::string store_path_, region_path_;
  std::chrono::milliseconds longest_drain_;
  std::unique_ptr<SpscRing<Event>> events_;
  std::unique_ptr<SpscRing<FrameCopy>> copies_;
  std::vector<std::pair<std::string, std::string>> records_;
};

}  // namespace wardline::appliance
