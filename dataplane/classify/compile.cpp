#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <sched.h>

#include <algorithm>
#include <map>

#include "dataplane/classify/database_cache.h"
#include "dataplane/classify/filters.h"
#include "dataplane/classify/layout.h"
#include "dataplane/classify/literal.h"

namespace wardline::classify {
namespace {

struct Built {
  std::shared_ptr<const hs_database_t> database;
  bool cached = false;
  Compiled failed;  // where `database` is null
};

Built build(std::span<const Expression> content, const DatabaseCache& cache) {
  if (auto known = cache.load(content)) return {.database = std::move(known), .cached = true, .failed = {}};
  auto compiled = compile_expressions(content);
  if (!compiled.database) return {.database = nullptr, .cached = false, .failed = std::move(compiled)};
  cache.store(content, *compiled.database);
  return {.database = std::move(compiled.database), .cached = false, .failed = {}};
}

std::size_t usable_processors() {
  cpu_set_t cores;
  return sched_getaffinity(0, sizeof cores, &cores) == 0 ? static_cast<std::size_t>(CPU_COUNT(&cores)) : 1;
}

// The arena's threads begin with the affinity of whoever makes them: the caller is kept off the packet cores.
std::vector<Built> build_all(const Layout& layout, const DatabaseCache& cache, std::size_t threads) {
  std::vector<Built> built(layout.contents.size());
  oneapi::tbb::task_arena arena(static_cast<int>(threads != 0 ? threads : usable_processors()));
  arena.execute([&] {
    oneapi::tbb::parallel_for(std::size_t{0}, built.size(),
                              [&](std::size_t i) { built[i] = build(layout.contents[i], cache); });
  });
  return built;
}

Error fault_in(const Pattern& pattern, const std::string& message) {
  return {"signature.pattern", pattern.where,
          "expected a regular expression that Hyperscan can compile, found \"" + pattern.expression + "\": " + message};
}

// By pattern: most belong to several databases, and files come in order.
using Faults = std::map<const Pattern*, Error>;

// Hyperscan stops at the first fault; each expression alone shows all of them.
void report_faults(std::span<const Expression> content, const Compiled& failed, Faults& faults) {
  const auto before = faults.size();
  bool known = false;
  for (const auto& expression : content) {
    known = known || faults.contains(expression.pattern);
    const auto alone = compile_expressions(std::span(&expression, 1));
    if (!alone.database) faults.emplace(expression.pattern, fault_in(*expression.pattern, alone.message));
  }
  if (faults.size() != before || known) return;
  const auto index = static_cast<std::size_t>(std::max(failed.faulty, 0));
  const auto* pattern = content[std::min(index, content.size() - 1)].pattern;
  faults.emplace(pattern, fault_in(*pattern, failed.message + " (only together with the other signatures)"));
}

// A pattern that names no signature would be recorded outside the workers' arrays.
Errors unfit(std::span<const Pattern> patterns, std::size_t signature_count) {
  Errors errors;
  for (const auto& pattern : patterns) {
    if (pattern.signature >= signature_count)
      errors.push_back({"signature.number", pattern.where,
                        "expected a signature below " + std::to_string(signature_count) + ", found " +
                            std::to_string(pattern.signature)});
    if (pattern.search == Search::kLiteral && shortest_of(pattern.literals) == 0)
      errors.push_back({"signature.literal", pattern.where, "expected a literal of at least one byte, found none"});
  }
  return errors;
}

}  // namespace

std::expected<std::shared_ptr<DatabaseSet>, Errors> DatabaseSet::compile(std::span<const Pattern> given,
                                                                         std::vector<SignatureTraits> traits,
                                                                         const std::string& cache_folder,
                                                                         std::size_t threads) {
  const auto began = std::chrono::steady_clock::now();
  if (auto errors = unfit(given, traits.size()); !errors.empty()) return std::unexpected(errors);
  auto patterns = as_searched(given, traits);
  auto layout = lay_out(patterns, traits);
  const DatabaseCache cache(cache_folder);
  const auto built = build_all(layout, cache, threads);

  Faults faults;
  std::shared_ptr<DatabaseSet> set(new DatabaseSet);
  for (std::size_t i = 0; i < built.size(); ++i) {
    if (!built[i].database) report_faults(layout.contents[i], built[i].failed, faults);
    ++(built[i].cached ? set->report_.cached : set->report_.compiled);
  }
  if (!faults.empty()) {
    Errors errors;
    for (auto& [pattern, error] : faults) errors.push_back(std::move(error));
    return std::unexpected(std::move(errors));
  }

  cache.forget_unused();

  set->impl_ = std::make_unique<Impl>();
  fill_filters(set->impl_->filters, layout, traits);
  const auto take = [&](Layout::Planned& planned, Database& database) {
    if (planned.content == Layout::kNothing) return;
    database.database = built[planned.content].database;
    database.meanings = std::move(planned.meanings);
  };
  for (std::size_t i = 0; i < kDatabaseCount; ++i) take(layout.databases[i], set->impl_->databases[i]);
  for (std::size_t table = 0; table < kTableCount; ++table) {
    auto& shards = set->impl_->shards[table];
    shards.databases.resize(layout.shards[table].size());
    for (std::size_t i = 0; i < shards.databases.size(); ++i) {
      take(layout.shards[table][i], shards.databases[i]);
      for (const auto& meaning : shards.databases[i].meanings)
        shards.anchored.push_back({static_cast<std::uint32_t>(i), meaning.signature});
    }
    for (const auto& whole : layout.wholes[table]) shards.wholes.push_back(whole.meaning);
  }
  set->impl_->singles.resize(layout.singles.size());
  for (std::size_t i = 0; i < layout.singles.size(); ++i) take(layout.singles[i], set->impl_->singles[i]);
  set->impl_->relations.has_negated.resize(traits.size());
  for (const auto& pattern : patterns)
    if (pattern.negated) set->impl_->relations.has_negated[pattern.signature] = true;
  set->impl_->patterns = std::move(patterns);
  for (const auto& each : traits) {
    if (each.app == kNoApp || each.carriers[0] == kNoApp) continue;
    if (set->impl_->relations.carriers_of.size() <= each.app) set->impl_->relations.carriers_of.resize(each.app + 1U);
    set->impl_->relations.carriers_of[each.app] = each.carriers;
  }
  set->traits_ = std::move(traits);
  set->report_.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  return set;
}

DatabaseSet::~DatabaseSet() = default;

}  // namespace wardline::classify
