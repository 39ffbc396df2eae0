#pragma once
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "dataplane/classify/classifier.h"
#include "dataplane/classify/engine.h"
#include "dataplane/classify/gram_filter.h"
#include "dataplane/classify/start_filter.h"

// What stands behind DatabaseSet: shared by its compiling and its scanning half, and by their tests.
namespace wardline::classify {

enum class Subject : std::uint8_t { kApplication, kThreat };
// Beside the anchored ones, which have shards. The literals of applications are those of threats as well: where both
// are looked for that is one pass.
enum class Group : std::uint8_t { kLiteral, kLoose };

inline constexpr std::size_t kTableCount = 8, kGroupCount = 2, kDatabaseCount = kTableCount * kGroupCount;
constexpr std::size_t table_index(Transport transport, Sender sender, Subject subject) {
  return (static_cast<std::size_t>(transport) * 2 + static_cast<std::size_t>(sender)) * 2 +
         static_cast<std::size_t>(subject);
}
constexpr Subject subject_of(std::size_t table) {
  return static_cast<Subject>(table % 2);
}
constexpr std::size_t database_index(std::size_t table, Group group) {
  return table * kGroupCount + static_cast<std::size_t>(group);
}

constexpr StartFilter::Part starts_of_subject(Subject subject) {
  return subject == Subject::kThreat ? StartFilter::Part::kThreats : StartFilter::Part::kApplications;
}
constexpr StartFilter::Part guards_of_subject(Subject subject) {
  return subject == Subject::kThreat ? StartFilter::Part::kThreatGuards : StartFilter::Part::kApplicationGuards;
}

// What it means that one expression of a database matched.
struct Meaning {
  enum class Kind : std::uint8_t { kPositive, kNegated, kTrigger };  // a trigger has a confirmed expression run

  Kind kind = Kind::kPositive;
  bool from_start = false;  // its bounds count from the flow's first byte: void where that is not in view
  SignatureId signature = 0;
  std::uint32_t single = 0;  // a trigger's database of one expression
};

// Null `database`: no pattern belongs here, nothing to scan. Equal databases are one.
struct Database {
  std::shared_ptr<const hs_database_t> database;
  std::vector<Meaning> meanings;  // by the number that Hyperscan reports
};

// The anchored expressions of a table, those that begin alike side by side, a few a database. The numbers behind those
// are of expressions that the start filter decides alone, so that they need no database: `wholes`.
struct Shards {
  static constexpr std::size_t kMost = 8, kMostAlike = 16;  // of a database; of those that many messages begin like
  struct Anchored {
    std::uint32_t shard;  // into `databases`
    SignatureId signature;
  };

  std::vector<Database> databases;
  std::vector<Anchored> anchored;  // by number
  std::vector<Meaning> wholes;
};

// What a payload is asked before the databases of a table are run over it.
struct Filters {
  // Finds anchored expressions by their number in `Shards`; one for both subjects.
  std::array<StartFilter, kTableCount / 2> starts;  // by table_index / 2
  std::array<GramFilter, kTableCount> grams;        // by table_index
  std::array<bool, kTableCount> guarded{};          // literals need only be searched in what begins like a guard
};

// What one worker writes while it scans. Fixed size, made by prepare_workers; padded so that workers share no line.
struct alignas(128) WorkerScratch {
  struct Tally {
    std::uint8_t hits = 0;  // distinct positive patterns
    bool denied = false;    // a negated pattern matched
    bool touched = false;
  };

  ScratchPtr scratch;
  std::vector<Tally> tallies;            // by SignatureId; all zero between scans
  std::vector<SignatureId> touched;      // the first `touched_count` have a tally
  std::vector<std::uint32_t> begun;      // by the start filter: anchored expressions that may match
  std::vector<std::uint32_t> triggered;  // the first `triggered_count` single databases are to be run
  std::vector<bool> is_triggered;        // by single database: it is among those
  std::size_t touched_count = 0, triggered_count = 0;

  WorkerScratch(std::size_t signatures, std::size_t anchored, std::size_t singles)
      : tallies(signatures), touched(signatures), begun(anchored), triggered(singles), is_triggered(singles) {}
  void trigger(std::uint32_t single) {
    if (is_triggered[single]) return;
    is_triggered[single] = true;
    triggered[triggered_count++] = single;
  }
  // Forgets those of which `done` says so, which is called for each once.
  template <typename Done>
  void take_triggered(const Done& done) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < triggered_count; ++i) {
      const auto single = triggered[i];
      if (done(single))
        is_triggered[single] = false;
      else
        triggered[kept++] = single;
    }
    triggered_count = kept;
  }
  void record(const Meaning& meaning) {
    if (meaning.kind == Meaning::Kind::kTrigger) return trigger(meaning.single);
    auto& tally = tallies[meaning.signature];
    if (!tally.touched) touched[touched_count++] = meaning.signature;
    tally.touched = true;
    if (meaning.kind == Meaning::Kind::kNegated)
      tally.denied = true;
    else if (tally.hits != 0xff)
      ++tally.hits;
  }
};

// Records into `worker` what matches. Any answer of the engine but success or "stopped" is kFailed, never "no match".
ScanOutcome run_database(const Database& database, std::span<const std::byte> bytes, bool from_start,
                         WorkerScratch& worker);

// What the traits say together.
struct Relations {
  std::vector<bool> has_negated;                  // by SignatureId
  std::vector<std::array<AppId, 2>> carriers_of;  // by AppId; none past the end
};

struct DatabaseSet::Impl {
  std::array<Database, kDatabaseCount> databases;  // by database_index
  std::array<Shards, kTableCount> shards;          // by table_index
  Filters filters;
  std::vector<Database> singles;  // of one confirmed expression each
  Relations relations;
  std::vector<Pattern> patterns;  // as given
  std::vector<WorkerScratch> workers;
};

}  // namespace wardline::classify
