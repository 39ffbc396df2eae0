// The memory that workers write while they scan.
#include <algorithm>

#include "dataplane/classify/databases.h"

namespace wardline::classify {
namespace {

// Grows `scratch` until it suffices for the database.
Result<void> grow(hs_scratch_t*& scratch, const Database& database) {
  if (!database.database) return {};
  if (const auto answer = hs_alloc_scratch(database.database.get(), &scratch); answer != HS_SUCCESS)
    return fail("signature.scratch", "",
                "no scratch memory for the signatures (Hyperscan error " + std::to_string(answer) +
                    "): free memory, or load fewer signatures");
  return {};
}

}  // namespace

Result<void> DatabaseSet::prepare_workers(std::size_t worker_count) {
  hs_scratch_t* grown = nullptr;
  Result<void> answer;
  for (const auto& database : impl_->databases)
    if (answer) answer = grow(grown, database);
  std::size_t anchored = 0;
  for (const auto& shards : impl_->shards) {
    anchored = std::max(anchored, shards.anchored.size() + shards.wholes.size());
    for (const auto& database : shards.databases)
      if (answer) answer = grow(grown, database);
  }
  for (const auto& database : impl_->singles)
    if (answer) answer = grow(grown, database);
  const ScratchPtr model(grown);
  if (!answer) return answer;
  std::vector<WorkerScratch> workers;
  for (std::size_t i = 0; i < worker_count; ++i) {
    auto& worker = workers.emplace_back(traits_.size(), anchored, impl_->singles.size());
    hs_scratch_t* own = nullptr;
    if (model && hs_clone_scratch(model.get(), &own) != HS_SUCCESS)
      return fail("signature.scratch", "", "no scratch memory for worker " + std::to_string(i));
    worker.scratch.reset(own);
  }
  impl_->workers = std::move(workers);
  return {};
}

}  // namespace wardline::classify
