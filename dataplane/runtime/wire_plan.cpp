#include "dataplane/runtime/wire_plan.h"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <set>

#include "dataplane/runtime/distribution.h"

namespace wardline::runtime {
namespace {

void check_shape(const RuntimeOptions& options, Errors& errors) {
  const auto add = [&errors](std::string where, std::string what) {
    errors.push_back({"runtime.options", std::move(where), std::move(what)});
  };
  if (options.bundles.empty()) add({}, "there is no bundle; at least one pair of legs is needed");
  std::set<std::string> specs;
  for (const auto& bundle : options.bundles) {
    if (bundle.pairs.empty() || bundle.pairs.size() > 16)
      add(bundle.name, fmt::format("a bundle has 1 to 16 pairs, and this one has {}", bundle.pairs.size()));
    if (bundle.workers == 0) add(bundle.name, "0 workers would forward nothing; give 1 or more");
    for (const auto& pair : bundle.pairs)
      for (const auto* leg : {&pair.device, &pair.core})
        if (!specs.insert(leg->spec).second) add(pair.name, fmt::format("'{}' is already another leg", leg->spec));
  }
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  for (const unsigned core : options.cores)
    if (core >= CPU_SETSIZE || !CPU_ISSET(core, &allowed))
      add({}, fmt::format("core {} is not one that this process may use; `taskset -cp {}` lists them", core, getpid()));
}

}  // namespace

std::vector<PlannedLeg> plan_wire(const RuntimeOptions& options, Errors& errors) {
  check_shape(options, errors);
  std::vector<PlannedLeg> legs;
  for (std::size_t b = 0; b < options.bundles.size(); ++b)
    for (std::size_t p = 0; p < options.bundles[b].pairs.size(); ++p)
      for (const Side side : {Side::kDevice, Side::kCore}) {
        const auto& pair = options.bundles[b].pairs[p];
        const auto& leg = side == Side::kDevice ? pair.device : pair.core;
        auto plan = plan_leg(leg, options, options.bundles[b].workers, next_device_number(), facts_of(leg.spec));
        if (plan)
          legs.push_back({b, p, side, std::move(*plan)});
        else
          errors.push_back(plan.error());
      }
  return legs;
}

std::optional<KernelFacts> facts_of(const std::string& interface) {
  if (!kernel_interface_exists(interface)) return std::nullopt;
  auto facts = read_kernel_interface(interface);
  return facts ? std::optional(*facts) : std::nullopt;
}

unsigned next_device_number() {
  static std::atomic<unsigned> number{0};
  return number++;
}

std::uint64_t queue_bytes(const RuntimeOptions& options) {
  std::uint64_t bytes = 0;
  for (const auto& bundle : options.bundles)
    if (bundle.workers > 1) bytes += Distribution::ring_bytes(bundle.workers, 2 * bundle.pairs.size());
  return bytes;
}

std::vector<BufferTerm> buffers_of_wire(const RuntimeOptions& options) {
  Errors told_when_they_open;
  std::vector<BufferTerm> terms;
  std::vector<LegPlan> plans;
  std::uint64_t sum = 0;
  const auto add = [&](std::string name, std::uint64_t count, std::uint64_t bytes) {
    terms.push_back({std::move(name), count, bytes});
    sum += bytes;
  };
  for (const auto& leg : plan_wire(options, told_when_they_open)) {
    const auto& pair = options.bundles[leg.bundle].pairs[leg.pair];
    add(fmt::format("packet buffers of {}/{} ({})", pair.name, leg.side == Side::kDevice ? "device" : "core",
                    (leg.side == Side::kDevice ? pair.device : pair.core).spec),
        leg.plan.buffers, pool_bytes(leg.plan));
    plans.push_back(leg.plan);
  }
  const auto queues = queue_bytes(options);
  if (queues != 0) add("queues between workers", 1, queues);
  const auto all = std::uint64_t{options.memory_mb == 0 ? memory_for(plans, queues) : options.memory_mb} << 20;
  if (all > sum) add("DPDK and its drivers, and room to spare", 1, all - sum);
  return terms;
}

}  // namespace wardline::runtime
