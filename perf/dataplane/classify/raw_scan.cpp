// Raw Hyperscan, the limit that Wardline's scanning is held against: raw_scan POLICY PCAP TALLY [BYTES]
//
// Scans every TCP and UDP payload of the capture, one by one and for ever, with the patterns of the policy's
// signatures, applications and threats together: one database for each transport and sender, block mode, each pattern
// reported once a scan, an empty callback. Fixed strings and anchored and loose expressions are in it as they are; an
// expression that Wardline runs only where its literal was found stands there by its literal. Of each direction of a
// conversation the first BYTES are scanned (65536 unless given; 0: all). Payloads are located beforehand: parsing,
// flows, reassembly, evaluation and I/O are not in the time, and matches across packets are not found.
//
// WARDLINE_CACHE names a folder for what was compiled.
//
// TALLY is a file that is mapped: five numbers of 64 bits, the bytes of all frames whose turn is over (payload that is
// not scanned costs nothing, its bytes are carried all the same), scanned bytes, passes, probes of the core and their
// cycles.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <tuple>
#include <vector>

#include "controlplane/policy/signatures.h"
#include "controlplane/replay/capture_reader.h"
#include "dataplane/classify/database_cache.h"
#include "dataplane/classify/layout.h"
#include "dataplane/packet/packet_view.h"
#include "perf/generator/core_width.h"

namespace {

using namespace wardline;
using classify::Expression;
using classify::Sender;
using classify::Transport;

[[noreturn]] void give_up(const std::string& text) {
  std::fprintf(stderr, "raw_scan: %s\n", text.c_str());
  std::exit(1);
}

struct Tally {
  std::atomic<std::uint64_t> carried{0}, scanned{0}, passes{0};
  perf::ProbeCounters core{};
};

// Frames that follow each other without payload to scan are one with the next that has some.
struct Payload {
  std::vector<std::byte> bytes;
  std::size_t database = 0;
  std::uint64_t carried = 0;
};

std::size_t database_of(Transport transport, Sender sender) {
  return static_cast<std::size_t>(transport) * 2 + static_cast<std::size_t>(sender);
}

// Who sends what, as a scanner would be told: the sender of the first frame of a conversation is its client.
class Conversations {
 public:
  Sender sender_of(const packet::PacketView& view) {
    const Ends here{view.source, view.source_port, view.target, view.target_port, view.proto};
    const Ends there{view.target, view.target_port, view.source, view.source_port, view.proto};
    if (opened_.contains(there)) return Sender::kServer;
    opened_.try_emplace(here, 0);
    return Sender::kClient;
  }
  // How many of the next `size` bytes of this direction are within the first `most`.
  std::size_t within(const packet::PacketView& view, std::size_t most) {
    const auto size = view.payload.size();
    if (most == 0) return size;
    auto& seen = seen_[{view.source, view.source_port, view.target, view.target_port, view.proto}];
    const auto room = most - std::min(most, seen);
    seen += size;
    return std::min(room, size);
  }

 private:
  using Ends = std::tuple<Address, std::uint16_t, Address, std::uint16_t, std::uint8_t>;
  std::map<Ends, int> opened_;
  std::map<Ends, std::size_t> seen_;
};

std::vector<Payload> payloads_of(const std::string& path, std::size_t most) {
  auto reader = replay::CaptureReader::open(path);
  if (!reader) give_up(reader.error().text());
  Conversations conversations;
  std::vector<Payload> payloads;
  Payload next;
  while (const auto frame = reader->next()) {
    next.carried += frame->bytes.size();
    const auto view = packet::parse(frame->bytes);
    if (view.shape != packet::Shape::kIp || (view.l4 != packet::L4::kTcp && view.l4 != packet::L4::kUdp)) continue;
    const Sender sender = conversations.sender_of(view);
    const auto size = conversations.within(view, most);
    if (size == 0) continue;
    next.bytes.assign(view.payload.begin(), view.payload.begin() + static_cast<std::ptrdiff_t>(size));
    next.database = database_of(view.l4 == packet::L4::kTcp ? Transport::kTcp : Transport::kUdp, sender);
    payloads.push_back(std::move(next));
    next = {};
  }
  if (payloads.empty()) give_up(path + " has no payload of TCP or UDP");
  payloads.back().carried += next.carried;
  return payloads;
}

struct Databases {
  std::array<classify::DatabasePtr, 4> each;
  classify::ScratchPtr scratch;
};

// Thousands of patterns take half a minute, so what was compiled once is kept.
classify::DatabasePtr database_for(const std::vector<Expression>& all, const classify::DatabaseCache& cache) {
  if (auto kept = cache.load(all)) return kept;
  auto compiled = classify::compile_expressions(all);
  if (!compiled.database) give_up(compiled.message);
  cache.store(all, *compiled.database);
  return std::move(compiled.database);
}

Databases databases_of(const policy::SignatureSet& set, const classify::DatabaseCache& cache) {
  const auto layout = classify::lay_out(set.patterns, set.traits);
  Databases made;
  hs_scratch_t* scratch = nullptr;
  for (const auto transport : {Transport::kTcp, Transport::kUdp})
    for (const auto sender : {Sender::kClient, Sender::kServer}) {
      std::vector<Expression> all;
      const auto add = [&](const classify::Layout::Planned& planned) {
        if (planned.content == classify::Layout::kNothing) return;
        const auto& content = layout.contents[planned.content];
        all.insert(all.end(), content.begin(), content.end());
      };
      for (const auto subject : {classify::Subject::kApplication, classify::Subject::kThreat}) {
        const auto table = table_index(transport, sender, subject);
        for (const auto& shard : layout.shards[table]) add(shard);
        for (const auto& whole : layout.wholes[table]) all.push_back(whole.expression);
        add(layout.databases[database_index(table, classify::Group::kLoose)]);
        if (subject == classify::Subject::kApplication)  // whose literals are the threats', too
          add(layout.databases[database_index(table, classify::Group::kLiteral)]);
      }
      auto& database = made.each[database_of(transport, sender)];
      database = database_for(all, cache);
      if (hs_alloc_scratch(database.get(), &scratch) != HS_SUCCESS) give_up("no memory for a scratch");
      std::printf("%zu expressions in the database of %s, %s\n", all.size(),
                  transport == Transport::kTcp ? "TCP" : "UDP", sender == Sender::kClient ? "client" : "server");
    }
  made.scratch.reset(scratch);
  std::fflush(stdout);
  return made;
}

Tally& map_tally(const char* path) {
  const int file = open(path, O_RDWR | O_CREAT, 0600);
  if (file < 0 || ftruncate(file, sizeof(Tally)) != 0) give_up(std::string(path) + " cannot be written");
  void* at = mmap(nullptr, sizeof(Tally), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (at == MAP_FAILED) give_up(std::string(path) + " cannot be mapped");
  close(file);
  return *new (at) Tally;
}

int ignore(unsigned int, unsigned long long, unsigned long long, unsigned int, void*) {
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) return std::fprintf(stderr, "usage: raw_scan POLICY PCAP TALLY [BYTES]\n"), 2;
  Errors errors;
  const char* setting = std::getenv("WARDLINE_CACHE");
  const std::string cache = setting ? setting : "";
  const auto signatures =
      policy::load_signatures(std::string(argv[1]) + "/signatures", "signatures/", cache, 1, errors);
  if (!errors.empty()) give_up(errors.front().text());
  const auto databases = databases_of(signatures, classify::DatabaseCache(cache));
  const auto payloads = payloads_of(argv[2], argc == 5 ? std::strtoul(argv[4], nullptr, 10) : 65'536);
  Tally& tally = map_tally(argv[3]);
  perf::CoreWidth core(tally.core);
  for (;;) {
    for (const auto& payload : payloads) {
      core.poll();
      const auto size = payload.bytes.size();
      if (hs_scan(databases.each[payload.database].get(), reinterpret_cast<const char*>(payload.bytes.data()),
                  static_cast<unsigned int>(size), 0, databases.scratch.get(), ignore, nullptr) != HS_SUCCESS)
        give_up("the engine failed");
      tally.carried.store(tally.carried.load(std::memory_order_relaxed) + payload.carried, std::memory_order_relaxed);
      tally.scanned.store(tally.scanned.load(std::memory_order_relaxed) + size, std::memory_order_relaxed);
    }
    tally.passes.fetch_add(1, std::memory_order_relaxed);
  }
}
