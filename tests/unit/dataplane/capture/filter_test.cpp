// Which programs run on a worker.
#include "dataplane/capture/filter.h"

#include <gtest/gtest.h>

#include "tests/unit/packet_builder.h"

namespace wardline::capture {
namespace {

constexpr bpf_insn kAccept = BPF_STMT(BPF_RET | BPF_K, 65535);

bool runs(std::vector<bpf_insn> program) {
  const auto made = Filter::make(std::move(program), false);
  EXPECT_TRUE(made || made.error().code == "capture.filter");
  return made.has_value();
}

TEST(CaptureFilter, OnlyAProgramThatIsSureToEndIsTaken) {
  EXPECT_TRUE(runs({kAccept}));
  EXPECT_TRUE(runs({BPF_STMT(BPF_JMP | BPF_JA, 1), kAccept, kAccept}));
  EXPECT_FALSE(runs({})) << "nothing";
  EXPECT_FALSE(runs({kAccept, BPF_STMT(BPF_JMP | BPF_JA, static_cast<bpf_u_int32>(-2)), kAccept})) << "a loop";
  EXPECT_FALSE(runs({BPF_STMT(BPF_JMP | BPF_JA, 5), kAccept})) << "a jump out of it";
  EXPECT_FALSE(runs({BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 7, 0), kAccept}));
  EXPECT_FALSE(runs({{BPF_LD | 0xe0, 0, 0, 0}, kAccept})) << "an unknown instruction";
  EXPECT_FALSE(runs({BPF_STMT(BPF_LD | BPF_IMM, 1)})) << "no end";
  EXPECT_FALSE(runs(std::vector<bpf_insn>(Filter::kMostInstructions + 1, kAccept))) << "too long";
}

TEST(CaptureFilter, CannotAskForPayload) {
  const auto frame = test::frame().ipv4("10.1.0.2", "10.2.0.9").udp(1, 2).payload("A").bytes();
  const auto headers = cut_headers(frame);
  const auto asks = [&](bpf_u_int32 at) {
    const auto filter = Filter::make({BPF_STMT(BPF_LD | BPF_B | BPF_ABS, at), kAccept}, false);
    return filter->wants(headers, static_cast<std::uint32_t>(frame.size()));
  };
  EXPECT_TRUE(asks(41)) << "the last byte of UDP's header";
  EXPECT_FALSE(asks(42)) << "a byte that it cannot read rejects the frame";
}

}  // namespace
}  // namespace wardline::capture
