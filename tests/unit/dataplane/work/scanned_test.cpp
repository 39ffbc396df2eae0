// Datagrams that only threats are looked for in take a short way. It must say what the long way says: frames with an
// IPv4 option take the long one.
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using enforce::DetectionAction;
using Words = PolicyWords;

constexpr auto kTvMac = "02:00:00:00:00:20", kRouter = "02:00:00:00:00:fe", kTvIp = "10.1.0.20", kServer = "10.9.0.1";

Words looking(DetectionAction evil, std::uint32_t depth) {
  Words words;
  words.rules(Words::kTv, {{.peer = kServer, .apps = {Words::kAlpha}, .port = 80}});
  words.device_class(Words::kTv).inspect_bytes = depth;
  words.plain().detection_actions[0][Words::kEvil] = evil;
  return words;
}

struct Said {
  std::string text;
  bool by_device;
};

// Half an hour of one flow: mostly harmless, some empty, a few that carry a threat.
std::vector<Said> talk(std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<Said> said{{"ALPHA", true}, {"ALPHA", false}};
  for (int i = 0; i < 2500; ++i) {
    const auto what = random() % 40;
    said.push_back({what == 0   ? "so EVIL"
                    : what == 1 ? ""
                                : std::string(1 + random() % 90, static_cast<char>('a' + random() % 26)),
                    random() % 2 == 0});
  }
  return said;
}

struct Outcome {
  std::vector<Reason> reasons;
  std::size_t told = 0;
  std::uint64_t packets = 0, bytes = 0;
};

Outcome outcome_of(const std::vector<Said>& said, Words words, bool long_way) {
  Rig rig(words);
  rig.add_device(kTvMac, Words::kTv);
  Outcome outcome;
  for (const auto& [text, by_device] : said) {
    auto datagram = by_device ? frame().from(kTvMac).to(kRouter).ipv4(kTvIp, kServer)
                              : frame().from(kRouter).to(kTvMac).ipv4(kServer, kTvIp);
    if (long_way) datagram.ipv4_options(Bytes(4, std::byte{1}));
    (by_device ? datagram.udp(4000, 80) : datagram.udp(80, 4000)).payload(text);
    outcome.reasons.push_back(by_device ? rig.from_device(datagram) : rig.from_core(datagram));
    outcome.told += rig.drain(EventKind::kDetection).size();
    rig.advance(kSecond);
  }
  while (!rig.worker().finish(rig.now())) rig.drain();
  for (const auto& event : rig.drain(EventKind::kFlow)) {
    outcome.packets += event.packets_from_device + event.packets_to_device;
    outcome.bytes += event.bytes_from_device + event.bytes_to_device;
  }
  rig.expect_balanced();
  return outcome;
}

TEST(Scanned, TheShortWaySaysWhatTheLongOneSays) {
  for (const auto action : {DetectionAction::kAlert, DetectionAction::kDrop, DetectionAction::kCondemn})
    for (const std::uint32_t depth : {0u, 4096u, 65536u, enforce::kInspectAll}) {
      const auto said = talk(depth + static_cast<std::uint32_t>(action));
      const auto direct = outcome_of(said, looking(action, depth), false);
      const auto slow = outcome_of(said, looking(action, depth), true);
      EXPECT_EQ(direct.reasons, slow.reasons) << "depth " << depth;
      EXPECT_EQ(direct.told, slow.told);
      EXPECT_EQ(direct.packets, slow.packets);
      EXPECT_EQ(direct.bytes + 4 * direct.packets, slow.bytes) << "each of the others has an option of four bytes";
      EXPECT_EQ(direct.told != 0, depth != 0) << "there is something to find";
    }
}

}  // namespace
}  // namespace wardline::test
