#include "perf/generator/file_workload.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <vector>

#include "dataplane/prefetch.h"
#include "perf/generator/rewrite.h"
#include "perf/generator/workload_file.h"

namespace wardline::perf {
namespace {

// Which frame of which pass, as one number that can travel with the frame.
struct Item {
  std::uint32_t frame = 0;
  std::uint32_t pass = 0;

  std::uint64_t number() const { return std::uint64_t{pass} << 32 | frame; }
  static Item of(std::uint64_t number) {
    return {static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(number >> 32)};
  }
};

class FileReplay final : public Workload {
 public:
  FileReplay(std::shared_ptr<const WorkloadFile> file, Share share) : file_(std::move(file)) {
    const auto frames = file_->frames();
    for (std::uint32_t i = 0; i < frames.size(); ++i)
      if (frames[i].device % share.queues == share.queue) mine_.push_back(i);
  }

  bool empty() const { return mine_.empty(); }

  void begin(RunOrder, bool timed) override { timed_ = timed; }

  // A file has one order. With due times, its frames arrive in it and each leg takes its own.
  Arrival next_arrival() override {
    const Item item = take();
    return {leg_of(file_->frames()[item.frame]), item.number()};
  }

  // What follows for this leg until a frame of the other one: that has to cross first.
  unsigned ready(Leg leg, unsigned most) override {
    if (timed_) return most;
    const auto frames = file_->frames();
    unsigned count = 0;
    for (auto place = place_; place < mine_.size() && count < most; ++place, ++count)
      if (leg_of(frames[mine_[place]]) != leg) break;
    return count;
  }

  void fill(Leg, std::span<std::byte* const> rooms, std::uint16_t* lengths, std::uint64_t* items) override {
    for (std::size_t i = 0; i < rooms.size(); ++i) {
      if (!timed_) fetch_ahead();
      const Item item = timed_ ? Item::of(items[i]) : take();
      items[i] = item.number();
      const auto& entry = file_->frames()[item.frame];
      write(rooms[i], entry, item.pass);
      lengths[i] = entry.length;
      if ((entry.flags & kEndsSession) != 0) ++sessions_;
    }
  }

  bool is_unharmed(Leg, std::span<const std::byte> sent, std::uint64_t number) const override {
    constexpr std::size_t kFromEtherType = 12;
    const Item item = Item::of(number);
    if (item.frame >= file_->frames().size()) return false;
    const auto& entry = file_->frames()[item.frame];
    std::array<std::byte, 1536> made;
    write(made.data(), entry, item.pass);
    return sent.size() == entry.length &&
           std::memcmp(sent.data() + kFromEtherType, made.data() + kFromEtherType, sent.size() - kFromEtherType) == 0;
  }

  std::uint64_t flows() const override { return 0; }
  std::uint64_t rounds() const override { return pass_; }
  std::uint64_t passes() const override { return pass_; }
  std::uint64_t sessions() const override { return sessions_; }

 private:
  static Leg leg_of(const FrameEntry& entry) { return (entry.flags & kCoreLeg) != 0 ? Leg::kCore : Leg::kDevice; }

  Item take() {
    const Item item{mine_[place_], pass_};
    if (++place_ == mine_.size()) {
      place_ = 0;
      ++pass_;
    }
    return item;
  }

  // The frames are many times what a cache holds, and no wait for them is the forwarder's to pay.
  void fetch_ahead() const {
    constexpr std::size_t kAhead = 4, kLine = 64;
    const auto& entry = file_->frames()[mine_[(place_ + kAhead) % mine_.size()]];
    const auto* bytes = file_->bytes_of(entry);
    for (std::size_t at = 0; at < entry.length; at += kLine) fetch_line(bytes + at);
  }

  void write(std::byte* room, const FrameEntry& entry, std::uint32_t pass) const {
    std::memcpy(room, file_->bytes_of(entry), entry.length);
    Rewriter rewriter(room, entry);
    if (file_->header().rewrite == static_cast<std::uint64_t>(Rewrite::kPorts)) {
      rewriter.move_port(pass);
    } else {
      rewriter.move_addresses(pass);
    }
  }

  std::shared_ptr<const WorkloadFile> file_;
  std::vector<std::uint32_t> mine_;  // frames of this queue
  std::size_t place_ = 0;
  std::uint32_t pass_ = 0;
  std::uint64_t sessions_ = 0;
  bool timed_ = false;
};

// Queues share one mapping.
std::expected<std::shared_ptr<const WorkloadFile>, std::string> open_shared(const std::string& path) {
  static std::map<std::string, std::weak_ptr<const WorkloadFile>> known;
  if (auto found = known[path].lock()) return found;
  auto file = WorkloadFile::open(path);
  if (file) known[path] = *file;
  return file;
}

}  // namespace

std::expected<std::unique_ptr<Workload>, std::string> make_file_workload(const std::string& path, Share share) {
  auto file = open_shared(path);
  if (!file) return std::unexpected(file.error());
  auto replay = std::make_unique<FileReplay>(*file, share);
  if (replay->empty()) return std::unexpected("the workload " + path + " has no frames for one of the queues");
  return replay;
}

}  // namespace wardline::perf
