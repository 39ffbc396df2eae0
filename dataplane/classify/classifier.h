#pragma once
#include <array>
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

// One pattern of one signature, ready to compile.
struct Pattern {
  std::string expression;  // a Hyperscan regular expression
  bool caseless = false;
  bool anchored = false;                         // starts at the first byte: kept in databases of their own
  std::uint32_t min_offset = 0, max_offset = 0;  // of the match's end, 0: no bound
  std::uint32_t min_length = 0;
  SignatureId signature = 0;
  std::string where;  // "signatures/medical/dicom.yaml:12:16", for compile errors
};

// What a hit on all of a signature's patterns means.
struct SignatureTraits {
  AppId app = kNoApp;  // applications: what it proves
  bool threat = false;
  std::uint8_t confidence = 100;             // among several applications the highest wins, then the lower SignatureId
  std::array<std::uint16_t, 8> port_hint{};  // raises confidence by 10 when the server port is one of them; 0 = unused
  bool tcp = true, udp = true, from_client = true, from_server = true;
  bool drops = false;              // a threat that condemns the flow (else it only alerts)
  std::uint8_t severity = 0;       // 0-10
  std::uint8_t pattern_count = 1;  // how many distinct patterns must hit (all); any: 1
  std::uint8_t exact_length = 0;   // 0 or a payload length that the scanned bytes must have
};

enum class ScanOutcome : std::uint8_t { kFinished, kStoppedByMatch, kFailed };

// What one scan found.
struct Hits {
  ScanOutcome outcome = ScanOutcome::kFinished;
  AppId app = kNoApp;
  SignatureId app_signature = kNoSignature;
  std::uint8_t confidence = 0;
  std::array<SignatureId, 4> threats{kNoSignature, kNoSignature, kNoSignature, kNoSignature};
  std::uint8_t threat_count = 0;
};

// The compiled signatures of one policy: for each transport and sender an anchored and a floating database. Immutable,
// shared by snapshots; has a life of its own. Compiled off the packet path.
class DatabaseSet {
 public:
  // Compiles what the cache does not hold. `cache_folder` empty: no cache. All faulty patterns are reported, each with
  // its `where`. A cache that cannot be read or written is never fatal.
  static std::expected<std::shared_ptr<DatabaseSet>, Errors> compile(std::span<const Pattern> patterns,
                                                                     std::vector<SignatureTraits> traits,
                                                                     const std::string& cache_folder);
  ~DatabaseSet();
  DatabaseSet(const DatabaseSet&) = delete;
  DatabaseSet& operator=(const DatabaseSet&) = delete;

  const SignatureTraits& traits(SignatureId signature) const { return traits_[signature]; }
  std::size_t signature_count() const { return traits_.size(); }

  // Scans the in-order first bytes of one direction (TCP) or one datagram's payload. Block mode, no allocation.
  // Requires: prepare_workers(n) with n > worker.
  Hits scan(Transport transport, Sender sender, std::uint16_t server_port, std::span<const std::byte> bytes,
            std::size_t worker) const;

  // Control side, before the set is published: one scratch per worker, owned by the set, so that a worker never
  // meets a scratch too small for its databases.
  Result<void> prepare_workers(std::size_t worker_count);

 private:
  DatabaseSet() = default;
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::vector<SignatureTraits> traits_;
};

// Refuses a processor without SSSE3 and a Hyperscan that finds other matches than it should (a known set, compiled and
// scanned at start). Never uses the literal API of 5.4.0, which loses matches.
Result<void> self_test();

}  // namespace wardline::classify
