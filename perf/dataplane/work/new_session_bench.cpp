// What a short TCP session costs from its SYN to its last record: 1 KiB asked and 1 KiB answered by HTTP, as in the
// workload `tcp`. Scanned both ways, decided, inspected until its FINs, ended and told.
#include "dataplane/packet/packet_view.h"
#include "perf/dataplane/bench.h"
#include "perf/dataplane/work/flow_frames.h"
#include "perf/dataplane/work/loaded_worker.h"

using namespace wardline;
using namespace wardline::perf;

namespace {

constexpr std::uint32_t kSessions = 2048, kOpen = 512, kDevices = 100;
constexpr std::size_t kSaid = 1024;  // bytes each way

WorkerOptions tables() {
  WorkerOptions options;
  options.flows_v4 = 4 * kSessions;
  options.undecided = 2 * kOpen;
  options.seed = {{1, 2, 3, 4}};
  return options;
}

std::string padded(std::string head) {
  while (head.size() < kSaid) head += "<entry drug='0'/>";
  head.resize(kSaid);
  return head;
}

std::string request(std::uint32_t number) {
  return padded("POST /library/" + std::to_string(100'000 + number) +
                " HTTP/1.1\r\nHost: pump-server.example\r\nUser-Agent: pump/1.0\r\nContent-Type: application/xml\r\n"
                "Content-Length:  875\r\n\r\n");
}

std::string answer() {
  return padded(
      "HTTP/1.1 200 OK\r\nServer: library/1.0\r\nContent-Type: application/xml\r\nContent-Length:  929\r\n\r\n");
}

struct Sent {
  Side side;
  test::Bytes bytes;
};

// The segments of one session, with right numbers and checksums.
std::vector<Sent> session(std::uint32_t number) {
  const auto device = number % kDevices;
  const auto port = static_cast<std::uint16_t>(FlowFrames::kFirstPort + number / kDevices);
  const auto address = "10.20.0." + std::to_string(device);
  const Mac gateway = test::mac("02:00:00:00:00:fe"), own = FlowFrames::device_mac(device);
  std::uint32_t next[] = {1000 + 77 * number, 5000 + 99 * number};  // of client and server
  std::vector<Sent> frames;
  const auto send = [&](bool client, std::uint8_t flags, const std::string& said = {}) {
    auto frame = test::frame().from(client ? own : gateway).to(client ? gateway : own);
    if (client)
      frame.ipv4(address, "10.40.2.5").tcp(port, 80);
    else
      frame.ipv4("10.40.2.5", address).tcp(80, port);
    auto& mine = next[client ? 0 : 1];
    frame.flags(flags).sequence(mine).payload(said).pad_to(60);
    if ((flags & packet::kAck) != 0) frame.acknowledgement(next[client ? 1 : 0]);
    frames.push_back({client ? Side::kDevice : Side::kCore, frame.bytes()});
    mine += static_cast<std::uint32_t>(said.size()) + ((flags & (packet::kSyn | packet::kFin)) != 0 ? 1 : 0);
  };
  send(true, packet::kSyn);
  send(false, packet::kSyn | packet::kAck);
  send(true, packet::kAck);
  send(true, packet::kPsh | packet::kAck, request(number));
  send(false, packet::kPsh | packet::kAck, answer());
  send(true, packet::kAck);
  send(true, packet::kFin | packet::kAck);
  send(false, packet::kFin | packet::kAck);
  send(true, packet::kAck);
  return frames;
}

class NewSessions {
 public:
  NewSessions() : addresses_(FlowShape{}, kDevices), loaded_(tables()) {
    for (std::uint32_t i = 0; i < kDevices; ++i)
      loaded_.add_device("unidentified", "first-ward", FlowFrames::device_mac(i), addresses_.device_address(i));
    for (std::uint32_t i = 0; i < kSessions; ++i) sessions_.push_back(session(i));
  }

  // `kOpen` at a time take turns, so that a session's memory is cold when its next segment comes.
  void open_and_end(Region& region) {
    for (std::uint32_t first = 0; first < kSessions; first += kOpen)
      for (std::size_t turn = 0; turn < sessions_[0].size(); ++turn)
        for (std::uint32_t number = first; number < first + kOpen;) {
          batch_.size = 0;
          for (; batch_.size < Batch::kMaxFrames; ++number) put(sessions_[number][turn]);
          loaded_.process(batch_, region);
        }
    loaded_.expire_all(region);
  }

 private:
  void put(const Sent& sent) {
    batch_.frames[batch_.size++] =
        Frame{.bytes = sent.bytes, .wire_length = static_cast<std::uint32_t>(sent.bytes.size()), .side = sent.side};
  }

  FlowFrames addresses_;
  LoadedWorker loaded_;
  std::vector<std::vector<Sent>> sessions_;
  Batch batch_;
};

}  // namespace

int main(int argc, char** argv) {
  Bench bench(argc, argv);
  if (!bench.wants("new/tcp4")) return 0;
  NewSessions sessions;
  bench.measure("new/tcp4", kSessions, [&](Region& region) { sessions.open_and_end(region); });
}
