#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dataplane/error.h"
#include "dataplane/ids.h"

namespace wardline::classify {

enum class Transport : std::uint8_t { kTcp, kUdp };
enum class Sender : std::uint8_t { kClient, kServer };  // who sent the scanned bytes; client = who opened the flow

// How a pattern is looked for: the cost of a set lies in which of its patterns share a database.
enum class Search : std::uint8_t {
  kAnchored,   // an expression that begins with ^: judged by the first bytes, cheap in any number
  kLiteral,    // a fixed byte string anywhere, cheap in any number
  kConfirmed,  // an expression in a database of its own, run only over bytes in which one of its literals was found
};

// One pattern of one signature, ready to compile.
struct Pattern {
  std::string expression;  // a Hyperscan regular expression; kLiteral: only shown
  // Raw bytes. kLiteral: the one string that is looked for. kConfirmed: strings without one of which the signature
  // cannot match, and a negated pattern not either: it is run only where one is; none: a loose expression, run over all
  // bytes, at the cost of that.
  std::vector<std::string> literals;
  bool caseless = false;           // of expression and literals
  bool literals_caseless = false;  // of the literals alone: they stand in an expression's (?i)
  bool negated = false;            // must not match; the signature has a positive pattern besides
  Search search = Search::kConfirmed;
  std::uint32_t min_offset = 0, max_offset = 0;  // of the match's end, from the first byte of all; 0: no bound
  std::uint32_t min_length = 0;
  SignatureId signature = 0;
  std::string where;  // "signatures/medical/dicom.yaml:12:16", for compile errors
};

// What a hit on all of a signature's patterns means.
struct SignatureTraits {
  AppId app = kNoApp;               // applications: what it proves
  std::array<AppId, 2> carriers{};  // applications: what `app` is a kind of (FHIR: HTTP); kNoApp = unused
  bool threat = false;
  std::uint8_t confidence = 100;             // among several applications the highest wins, then the lower SignatureId
  std::array<std::uint16_t, 8> port_hint{};  // raises confidence by 10 when the server port is one of them; 0: no more
  std::array<AppId, 4> within{};  // counts only in a flow of one of these, or of a kind of one; kNoApp = unused
  bool tcp = true, udp = true, from_client = true, from_server = true;
  std::uint8_t severity = 0;       // 0-10
  std::uint8_t pattern_count = 1;  // how many distinct positive patterns must hit (all); any: 1
  std::uint8_t exact_length = 0;   // 0 or a payload length that the scanned bytes must have
};

// The bytes of one scan and what is known of them: in-order bytes of one direction (TCP) or one datagram's payload.
struct ScanInput {
  Transport transport = Transport::kTcp;
  Sender sender = Sender::kClient;
  std::uint16_t server_port = 0;
  std::span<const std::byte> bytes;
  bool from_start = true;    // the first byte is the flow's first; false: nothing that counts from there can match
  bool applications = true;  // false: threats only
  AppId app = kNoApp;        // known already
};

enum class ScanOutcome : std::uint8_t { kFinished, kStoppedByMatch, kFailed };

// What one scan found.
struct Hits {
  static constexpr std::size_t kMaxThreats = 8;

  ScanOutcome outcome = ScanOutcome::kFinished;
  AppId app = kNoApp;
  SignatureId app_signature = kNoSignature;
  std::uint8_t confidence = 0;
  std::array<SignatureId, kMaxThreats> threats;  // the gravest first; the first `threat_count` count
  std::uint8_t threat_count = 0;

  Hits() { threats.fill(kNoSignature); }
};

// How a set came to be.
struct CompileReport {
  std::size_t cached = 0, compiled = 0;  // databases; equal ones count once
  std::chrono::milliseconds took{0};
};

// Why a signature costs more than others, for its author.
struct SignatureCost {
  SignatureId signature = 0;
  std::vector<std::string> reasons;  // one sentence each
  bool always = false;               // its costly expression is run over all bytes, not only where a literal was found
  std::size_t database_bytes = 0;    // of its costly expressions, each compiled alone
  double ns_per_kib = 0;             // to run those over a fixed sample of random, text and binary bytes, here and now
};

// The compiled signatures of one policy: for each transport and sender, of applications and of threats, databases of a
// few anchored expressions and one of all loose ones; one of the threats' literals, one of all literals; one for each
// confirmed expression. Immutable, shared by snapshots; has a life of its own. Compiled off the packet path.
class DatabaseSet {
 public:
  // Compiles what the cache does not hold, on up to `threads` threads (0: as many as the caller may run on).
  // `cache_folder` empty: no cache. All faulty patterns are reported, each with its `where`. A cache that cannot be
  // read or written is never fatal.
  static std::expected<std::shared_ptr<DatabaseSet>, Errors> compile(std::span<const Pattern> patterns,
                                                                     std::vector<SignatureTraits> traits,
                                                                     const std::string& cache_folder,
                                                                     std::size_t threads = 0);
  ~DatabaseSet();
  DatabaseSet(const DatabaseSet&) = delete;
  DatabaseSet& operator=(const DatabaseSet&) = delete;

  const SignatureTraits& traits(SignatureId signature) const { return traits_[signature]; }
  std::size_t signature_count() const { return traits_.size(); }
  const CompileReport& report() const { return report_; }

  // Block mode, no allocation. Requires: prepare_workers(n) with n > worker.
  Hits scan(const ScanInput& input, std::size_t worker) const;

  // The signatures that cost most, the costliest first; those that cost what any does are left out. Control side: takes
  // a moment, and touches nothing that workers use.
  std::vector<SignatureCost> costs() const;

  // Control side, before the set is published: one scratch per worker, owned by the set, so that a worker never
  // meets a scratch too small for its databases.
  Result<void> prepare_workers(std::size_t worker_count);

 private:
  DatabaseSet() = default;
  struct Impl;
  class Scan;
  std::unique_ptr<Impl> impl_;
  std::vector<SignatureTraits> traits_;
  CompileReport report_;
};

// Refuses a processor without SSSE3 and a Hyperscan that finds other matches than it should (a known set, compiled and
// scanned at start). Never uses the literal API of 5.4.0, which loses matches.
Result<void> self_test();

}  // namespace wardline::classify
