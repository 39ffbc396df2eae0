#include "dataplane/capture/filter.h"

#include <algorithm>
#include <array>

namespace wardline::capture {
namespace {

// bpf_validate() lets a plain jump go back, for loops over protocol chains.
bool jumps_back(std::span<const bpf_insn> program) {
  for (std::size_t i = 0; i < program.size(); ++i)
    if (program[i].code == (BPF_JMP | BPF_JA) && program[i].k >= program.size() - i - 1) return true;
  return false;
}

}  // namespace

Result<Filter> Filter::make(std::vector<bpf_insn> program, bool reads_tags) {
  if (program.empty() || program.size() > kMostInstructions)
    return fail("capture.filter", {},
                "the filter takes " + std::to_string(program.size()) + " instructions; expected 1 to " +
                    std::to_string(kMostInstructions) + ": ask for less at a time");
  if (jumps_back(program) || bpf_validate(program.data(), static_cast<int>(program.size())) == 0)
    return fail("capture.filter", {}, "the filter is no program that is sure to end; leave out what loops");
  return Filter(std::move(program), reads_tags);
}

bool Filter::run(std::span<const std::byte> bytes, std::uint32_t wire_length) const {
  return bpf_filter(program_.data(), reinterpret_cast<const u_char*>(bytes.data()), wire_length,
                    static_cast<u_int>(bytes.size())) != 0;
}

bool Filter::wants(const Headers& headers, std::uint32_t wire_length) const {
  constexpr std::size_t kMacs = 12, kTag = 4;
  const auto tags = kTag * headers.tag_count;
  if (reads_tags_ || tags == 0) return run(headers.used(), wire_length);
  std::array<std::byte, Headers::kMost> bare;
  const auto rest = std::ranges::copy(headers.used().first(kMacs), bare.begin()).out;
  const auto end = std::ranges::copy(headers.used().subspan(kMacs + tags), rest).out;
  return run(std::span(bare.begin(), end), wire_length - static_cast<std::uint32_t>(tags));
}

}  // namespace wardline::capture
