#include <algorithm>
#include <map>

#include "dataplane/classify/database_cache.h"
#include "dataplane/classify/databases.h"

namespace wardline::classify {
namespace {

// The patterns of one database in the arrays that Hyperscan wants.
struct CompileInput {
  std::vector<const char*> expressions;
  std::vector<unsigned int> flags, ids;
  std::vector<hs_expr_ext_t> bounds;
  std::vector<const hs_expr_ext_t*> bound_pointers;
};

hs_expr_ext_t bounds_of(const Pattern& pattern) {
  hs_expr_ext_t ext{};
  const auto set = [&ext](unsigned long long flag, unsigned long long& field, std::uint32_t value) {
    if (value == 0) return;
    ext.flags |= flag;
    field = value;
  };
  set(HS_EXT_FLAG_MIN_OFFSET, ext.min_offset, pattern.min_offset);
  set(HS_EXT_FLAG_MAX_OFFSET, ext.max_offset, pattern.max_offset);
  set(HS_EXT_FLAG_MIN_LENGTH, ext.min_length, pattern.min_length);
  return ext;
}

CompileInput input_of(std::span<const Pattern* const> patterns) {
  CompileInput input;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    input.expressions.push_back(patterns[i]->expression.c_str());
    input.flags.push_back(HS_FLAG_DOTALL | HS_FLAG_SINGLEMATCH |
                          (patterns[i]->caseless ? unsigned{HS_FLAG_CASELESS} : 0U));
    input.ids.push_back(static_cast<unsigned int>(i));
    input.bounds.push_back(bounds_of(*patterns[i]));
  }
  for (const auto& bound : input.bounds) input.bound_pointers.push_back(&bound);
  return input;
}

struct Compiled {
  DatabasePtr database;
  int faulty = -1;      // the expression that the fault is in; -1: not one alone
  std::string message;  // empty: no fault
};

Compiled compile_patterns(std::span<const Pattern* const> patterns) {
  const auto input = input_of(patterns);
  hs_database_t* database = nullptr;
  hs_compile_error_t* fault = nullptr;
  const auto answer =
      hs_compile_ext_multi(input.expressions.data(), input.flags.data(), input.ids.data(), input.bound_pointers.data(),
                           static_cast<unsigned int>(patterns.size()), HS_MODE_BLOCK, nullptr, &database, &fault);
  Compiled compiled{DatabasePtr(database), -1, {}};
  if (answer != HS_SUCCESS) {
    compiled.faulty = fault != nullptr ? fault->expression : -1;
    compiled.message = fault != nullptr && fault->message != nullptr ? fault->message : "no reason given";
  }
  if (fault != nullptr) hs_free_compile_error(fault);
  return compiled;
}

Error fault_in(const Pattern& pattern, const std::string& message) {
  return {"signature.pattern", pattern.where,
          "expected a regular expression that Hyperscan can compile, found \"" + pattern.expression + "\": " + message};
}

// Hyperscan stops at the first fault; each pattern alone shows all of them.
void report_faults(std::span<const Pattern* const> patterns, const Compiled& failed,
                   std::map<const Pattern*, Error>& faults) {
  const auto before = faults.size();
  bool known = false;
  for (const auto* pattern : patterns) {
    known = known || faults.contains(pattern);
    const auto alone = compile_patterns(std::span(&pattern, 1));
    if (!alone.message.empty()) faults.emplace(pattern, fault_in(*pattern, alone.message));
  }
  if (faults.size() != before || known) return;
  const auto index = static_cast<std::size_t>(std::max(failed.faulty, 0));
  const auto* pattern = patterns[std::min(index, patterns.size() - 1)];
  faults.emplace(pattern, fault_in(*pattern, failed.message + " (only together with the other signatures)"));
}

bool belongs(const SignatureTraits& traits, Transport transport, Sender sender) {
  return (transport == Transport::kTcp ? traits.tcp : traits.udp) &&
         (sender == Sender::kClient ? traits.from_client : traits.from_server);
}

// A pattern that names no signature would be recorded outside the workers' arrays.
Errors unknown_signatures(std::span<const Pattern> patterns, std::size_t signature_count) {
  Errors errors;
  for (const auto& pattern : patterns)
    if (pattern.signature >= signature_count)
      errors.push_back({"signature.number", pattern.where,
                        "expected a signature below " + std::to_string(signature_count) + ", found " +
                            std::to_string(pattern.signature)});
  return errors;
}

}  // namespace

std::expected<std::shared_ptr<DatabaseSet>, Errors> DatabaseSet::compile(std::span<const Pattern> patterns,
                                                                         std::vector<SignatureTraits> traits,
                                                                         const std::string& cache_folder) {
  if (auto errors = unknown_signatures(patterns, traits.size()); !errors.empty()) return std::unexpected(errors);
  std::shared_ptr<DatabaseSet> set(new DatabaseSet);
  set->impl_ = std::make_unique<Impl>();
  const DatabaseCache cache(cache_folder);
  std::map<const Pattern*, Error> faults;  // by pattern: most belong to several databases, and files come in order
  for (const auto transport : {Transport::kTcp, Transport::kUdp})
    for (const auto sender : {Sender::kClient, Sender::kServer})
      for (const bool anchored : {false, true}) {
        std::vector<const Pattern*> chosen;
        auto& database = set->impl_->databases[database_index(transport, sender, anchored)];
        for (const auto& pattern : patterns) {
          if (pattern.anchored != anchored || !belongs(traits[pattern.signature], transport, sender)) continue;
          chosen.push_back(&pattern);
          database.signature_of.push_back(pattern.signature);
        }
        if (chosen.empty()) continue;
        if ((database.database = cache.load(chosen))) continue;
        auto compiled = compile_patterns(chosen);
        if (!compiled.message.empty()) {
          report_faults(chosen, compiled, faults);
          continue;
        }
        database.database = std::move(compiled.database);
        cache.store(chosen, *database.database);
      }
  if (!faults.empty()) {
    Errors errors;
    for (auto& [pattern, error] : faults) errors.push_back(std::move(error));
    return std::unexpected(std::move(errors));
  }
  set->traits_ = std::move(traits);
  return set;
}

DatabaseSet::~DatabaseSet() = default;

Result<void> DatabaseSet::prepare_workers(std::size_t worker_count) {
  hs_scratch_t* grown = nullptr;
  for (const auto& database : impl_->databases) {
    if (!database.database) continue;
    if (const auto answer = hs_alloc_scratch(database.database.get(), &grown); answer != HS_SUCCESS) {
      hs_free_scratch(grown);
      return fail("signature.scratch", "",
                  "no scratch memory for the signatures (Hyperscan error " + std::to_string(answer) +
                      "): free memory, or load fewer signatures");
    }
  }
  const ScratchPtr model(grown);
  std::vector<WorkerScratch> workers;
  for (std::size_t i = 0; i < worker_count; ++i) {
    auto& worker = workers.emplace_back(traits_.size());
    hs_scratch_t* own = nullptr;
    if (model && hs_clone_scratch(model.get(), &own) != HS_SUCCESS)
      return fail("signature.scratch", "", "no scratch memory for worker " + std::to_string(i));
    worker.scratch.reset(own);
  }
  impl_->workers = std::move(workers);
  return {};
}

}  // namespace wardline::classify
