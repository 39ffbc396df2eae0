#include "controlplane/daemon/memory_budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

namespace wardline::daemon {
namespace {

// Terms of a worker that a key of the same name sets, with the smallest value that the key takes.
struct Key {
  std::string_view name;
  std::uint64_t smallest;
};
constexpr std::array<Key, 6> kKeys{{{"flows_v4", 1024},
                                    {"flows_v6", 1024},
                                    {"undecided_flows", 64},
                                    {"inspected_flows", 64},
                                    {"fragments", 64},
                                    {"watched_devices", 64}}};

double mib(std::uint64_t bytes) {
  return static_cast<double>(bytes) / (1 << 20);
}

std::uint64_t smallest_of(std::string_view name) {
  const auto* key = std::ranges::find(kKeys, name, &Key::name);
  return key == kKeys.end() ? 0 : key->smallest;
}

// Terms with a key, the largest first, each with what it can give up.
struct Lowerable {
  const MemoryTerm* term;
  std::uint64_t spare;
};
std::vector<Lowerable> lowerable(const std::vector<MemoryTerm>& terms) {
  std::vector<Lowerable> found;
  for (const auto& term : terms)
    if (const auto smallest = smallest_of(term.name); smallest != 0 && term.count > smallest)
      found.push_back({&term, (term.count - smallest) * term.each()});
  std::ranges::sort(found, std::ranges::greater(), &Lowerable::spare);
  return found;
}

// Few keys rather than many: the largest terms first, until half of what they have to give covers the shortage.
std::string what_to_lower(const MemoryNeeds& needs, std::uint64_t shortage) {
  const auto of_a_worker = (shortage + needs.workers - 1) / needs.workers;
  const auto candidates = lowerable(needs.of_a_worker);
  std::uint64_t spare = 0;
  std::size_t used = 0;
  while (used < candidates.size() && spare / 2 < of_a_worker) spare += candidates[used++].spare;
  if (spare < of_a_worker)
    return fmt::format("no setting of the tables makes it fit: give it more memory{}",
                       needs.workers > 1 ? ", or lower `workers`" : "");
  std::string text = "give it more memory, or set ";
  for (std::size_t i = 0; i < used; ++i) {
    const auto& [term, of_this] = candidates[i];
    const auto part = static_cast<double>(of_this) / static_cast<double>(spare);
    const auto less = static_cast<std::uint64_t>(part * static_cast<double>(of_a_worker)) / term->each() + 64;
    const auto count = std::max(smallest_of(term->name), (term->count - std::min(term->count, less)) / 64 * 64);
    text += fmt::format("{}`{}: {}` (now {})",
                        i == 0          ? ""
                        : i + 1 == used ? " and "
                                        : ", ",
                        term->name, count, term->count);
  }
  return text;
}

}  // namespace

std::uint64_t MemoryNeeds::worker_bytes() const {
  return std::accumulate(of_a_worker.begin(), of_a_worker.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const MemoryTerm& term) { return sum + term.bytes; });
}

std::uint64_t MemoryNeeds::buffer_bytes() const {
  return std::accumulate(buffers.begin(), buffers.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const runtime::BufferTerm& term) { return sum + term.bytes; });
}

std::uint64_t MemoryNeeds::ram() const {
  return worker_bytes() * workers + kRest + (buffers_in_huge_pages ? 0 : buffer_bytes());
}

bool buffers_go_to_huge_pages(runtime::HugePages wish, std::uint64_t buffer_bytes, const MemoryThere& there) {
  return wish == runtime::HugePages::kOn || (wish == runtime::HugePages::kAuto && there.huge >= buffer_bytes);
}

std::vector<std::string> lines_of(const MemoryNeeds& needs, const MemoryThere& there) {
  std::vector<std::string> lines;
  for (const auto& term : needs.of_a_worker)
    lines.push_back(fmt::format("memory of a worker: {} {} of {} bytes, {:.1f} MiB", term.count, term.name, term.each(),
                                mib(term.bytes)));
  lines.push_back(fmt::format("memory of {} workers, all in use: {:.1f} MiB each, {:.1f} MiB in all", needs.workers,
                              mib(needs.worker_bytes()), mib(needs.worker_bytes() * needs.workers)));
  for (const auto& term : needs.buffers)
    lines.push_back(term.count > 1 ? fmt::format("memory of the ports: {} {} of {} bytes, {:.1f} MiB", term.count,
                                                 term.name, term.bytes / term.count, mib(term.bytes))
                                   : fmt::format("memory of the ports: {}, {:.1f} MiB", term.name, mib(term.bytes)));
  lines.push_back(fmt::format("memory of the ports in {}: {:.1f} MiB of {:.1f} MiB free in huge pages",
                              needs.buffers_in_huge_pages ? "huge pages" : "plain pages", mib(needs.buffer_bytes()),
                              mib(there.huge)));
  lines.push_back(
      fmt::format("memory in all, with {:.1f} MiB for policy, signatures and inventory: {:.1f} MiB of "
                  "{:.1f} MiB that {} has left",
                  mib(kRest), mib(needs.ram()), mib(there.ram), there.limited_by));
  return lines;
}

std::optional<Error> why_too_much(const MemoryNeeds& needs, const MemoryThere& there) {
  if (needs.ram() <= there.ram) return std::nullopt;
  const auto text = fmt::format(
      "{:.0f} MiB are needed when all tables are in use ({} workers x {:.0f}, packet buffers {:.0f}, everything else "
      "{:.0f}), and {} has {:.0f} MiB left; {}",
      mib(needs.ram()), needs.workers, mib(needs.worker_bytes()),
      needs.buffers_in_huge_pages ? 0. : mib(needs.buffer_bytes()), mib(kRest), there.limited_by, mib(there.ram),
      what_to_lower(needs, needs.ram() - there.ram));
  return Error{"daemon.memory", {}, text};
}

}  // namespace wardline::daemon
