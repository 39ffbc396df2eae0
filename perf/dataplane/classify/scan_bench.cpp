// What does a KiB of payload cost: in blocks, in blocks that overlap, in streams; with literals alone, with loose
// expressions among them, beside them, or confirmed by their literals? And what does a set cost to compile? Behind
// decision 0015. An operation is a KiB. What is no time of a scan is said on the standard error output.
// With a folder in WARDLINE_CACHE, the time to load from a cache there is measured too.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <random>

#include "dataplane/classify/classifier.h"
#include "dataplane/classify/databases.h"
#include "perf/dataplane/bench.h"

namespace {

using namespace wardline::classify;
using wardline::SignatureId;
using wardline::perf::Bench;
using wardline::perf::keep;
using wardline::perf::Region;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kSegment = 1400, kSegmentsOfFlow = 12, kFlows = 400, kOverlap = 256;

std::mt19937_64 draw{2026};

std::string word(std::size_t least, std::size_t most) {
  std::string made(least + draw() % (most - least + 1), 'a');
  for (auto& c : made) c = static_cast<char>('a' + draw() % 26);
  return made;
}

// A third each of text that looks like HTTP, of binary records, of random bytes; one segment in eight holds a word.
std::string segment(const std::vector<std::string>& words) {
  std::string bytes;
  const auto kind = draw() % 3;
  while (bytes.size() < kSegment) {
    if (kind == 0)
      bytes += "X-" + word(3, 9) + ": " + word(4, 30) + "/" + std::to_string(draw() % 100000) + "\r\n";
    else if (kind == 1)
      bytes +=
          std::string({0, 0, static_cast<char>(draw() % 4), static_cast<char>(draw())}) + std::string(draw() % 9, '\0');
    else
      bytes += static_cast<char>(draw());
  }
  bytes.resize(kSegment);
  if (draw() % 8 == 0) {
    const auto& chosen = words[draw() % words.size()];
    bytes.replace(draw() % (kSegment - chosen.size()), chosen.size(), chosen);
  }
  return bytes;
}

struct Payload {
  std::vector<std::vector<std::string>> flows;
  double kib() const { return static_cast<double>(flows.size() * kSegmentsOfFlow * kSegment) / 1024; }
};

int count(unsigned int, unsigned long long, unsigned long long, unsigned int, void* sum) {
  ++*static_cast<std::uint64_t*>(sum);
  return 0;
}

// Of this thread alone: other work of the machine does not count.
double processor_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

void measure(Bench& bench, const std::string& name, const Payload& payload, const std::function<std::uint64_t()>& run) {
  const auto full_name = "scan/" + name;
  if (!bench.wants(full_name)) return;
  bench.measure(full_name, static_cast<std::uint64_t>(payload.kib()), [&](Region& region) {
    region.start();
    keep(run());
    region.stop();
  });
}

std::vector<Expression> literals_of(const std::vector<std::string>& words, std::size_t number) {
  std::vector<Expression> made;
  for (std::size_t i = 0; i < number; ++i) made.push_back({.text = escaped(words[i])});
  return made;
}

// Such as stand beside a rule's literal: no bytes in them are rare by themselves.
std::vector<std::string> expressions_of(const std::vector<std::string>& words, std::size_t number) {
  std::vector<std::string> made;
  for (std::size_t i = 0; i < number; ++i) {
    const auto one = words[i].substr(0, 2), other = words[i].substr(2, 2);
    if (i % 3 == 0) made.push_back("[=&?/]" + one + "[a-z0-9]{0,12}[=:/][^&\\r\\n]{10,80}");
    if (i % 3 == 1) made.push_back(one + "[0-9a-f]{4,}.{0,40}" + other);
    if (i % 3 == 2) made.push_back("\\r\\n[A-Za-z-]{3,20}: [^\\r\\n]{0,60}" + one + "[0-9]");
  }
  return made;
}

class Engine {
 public:
  explicit Engine(const std::vector<std::vector<Expression>>& databases) {
    for (const auto& expressions : databases) add(compile_expressions(expressions).database.release());
  }
  Engine(const std::vector<Expression>& expressions, unsigned int mode) {
    std::vector<const char*> texts;
    std::vector<unsigned int> flags(expressions.size(), HS_FLAG_DOTALL | HS_FLAG_SINGLEMATCH), ids;
    for (const auto& expression : expressions) {
      ids.push_back(static_cast<unsigned int>(texts.size()));
      texts.push_back(expression.text.c_str());
    }
    hs_database_t* database = nullptr;
    hs_compile_error_t* fault = nullptr;
    hs_compile_multi(texts.data(), flags.data(), ids.data(), static_cast<unsigned int>(texts.size()), mode, nullptr,
                     &database, &fault);
    add(database);
  }
  ~Engine() {
    for (auto* database : databases_) hs_free_database(database);
    hs_free_scratch(scratch_);
  }
  Engine(const Engine&) = delete;

  std::uint64_t blocks(const Payload& payload, std::size_t overlap) const {
    std::uint64_t found = 0;
    std::string window;
    for (const auto& flow : payload.flows)
      for (std::size_t i = 0; i < flow.size(); ++i) {
        const std::string* bytes = &flow[i];
        if (overlap != 0 && i != 0) {
          window.assign(flow[i - 1], kSegment - overlap);
          window += flow[i];
          bytes = &window;
        }
        for (auto* database : databases_)
          hs_scan(database, bytes->data(), static_cast<unsigned int>(bytes->size()), 0, scratch_, count, &found);
      }
    return found;
  }
  // Streams come from a pool, as they would have to on a worker.
  std::uint64_t streams(const Payload& payload) const {
    std::uint64_t found = 0;
    hs_stream_t* stream = nullptr;
    hs_open_stream(databases_[0], 0, &stream);
    for (const auto& flow : payload.flows) {
      hs_reset_stream(stream, 0, scratch_, nullptr, nullptr);
      for (const auto& bytes : flow)
        hs_scan_stream(stream, bytes.data(), static_cast<unsigned int>(bytes.size()), 0, scratch_, count, &found);
    }
    hs_close_stream(stream, scratch_, nullptr, nullptr);
    return found;
  }
  std::size_t stream_bytes() const {
    std::size_t size = 0;
    hs_stream_size(databases_[0], &size);
    return size;
  }

 private:
  void add(hs_database_t* database) {
    databases_.push_back(database);
    hs_alloc_scratch(database, &scratch_);
  }
  std::vector<hs_database_t*> databases_;
  hs_scratch_t* scratch_ = nullptr;
};

std::vector<Pattern> patterns_of(const std::vector<std::string>& words, std::size_t literals,
                                 const std::vector<std::string>& expressions, bool confirmed) {
  std::vector<Pattern> patterns(literals + expressions.size());
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    auto& pattern = patterns[i];
    const bool literal = i < literals;
    pattern.search = literal ? Search::kLiteral : Search::kConfirmed;
    if (!literal) pattern.expression = expressions[i - literals];
    if (literal || confirmed) pattern.literals = {words[literal ? i : i - literals]};
    pattern.signature = static_cast<SignatureId>(i);
  }
  return patterns;
}

std::shared_ptr<DatabaseSet> set_of(const char* name, const std::vector<Pattern>& patterns, const std::string& cache) {
  auto set = DatabaseSet::compile(patterns, std::vector<SignatureTraits>(patterns.size(), {.threat = true}), cache);
  if (!set) std::fprintf(stderr, "%s\n", set.error()[0].text().c_str()), std::exit(1);
  const auto began = Clock::now();
  if (!(*set)->prepare_workers(1)) std::exit(1);
  const auto prepared = std::chrono::duration<double, std::milli>(Clock::now() - began).count();
  const auto& report = (*set)->report();
  std::fprintf(stderr, "%-44s %8lld ms, %zu compiled, %zu cached; scratch in %.0f ms\n", name,
               static_cast<long long>(report.took.count()), report.compiled, report.cached, prepared);
  return *set;
}

std::uint64_t scan_all(const DatabaseSet& set, const Payload& payload) {
  std::uint64_t found = 0;
  for (const auto& flow : payload.flows)
    for (const auto& bytes : flow)
      found += set.scan({.bytes = std::as_bytes(std::span(bytes)), .applications = false}, 0).threat_count;
  return found;
}

}  // namespace

int main(int argc, char** argv) {
  Bench bench(argc, argv);
  const char* cache = std::getenv("WARDLINE_CACHE");
  const std::string folder = cache != nullptr ? cache : "";
  std::vector<std::string> words;
  for (int i = 0; i < 3000; ++i) words.push_back(word(6, 16));
  Payload payload;
  for (std::size_t i = 0; i < kFlows; ++i) {
    auto& flow = payload.flows.emplace_back();
    for (std::size_t j = 0; j < kSegmentsOfFlow; ++j) flow.push_back(segment(words));
  }
  const auto bodies = expressions_of(words, 300);
  std::vector<Expression> loose;
  for (const auto& body : bodies) loose.push_back({.text = body});

  for (const std::size_t number : {300UL, 3000UL}) {
    const auto literals = literals_of(words, number);
    const auto say = [&](const char* way) { return std::to_string(number) + " literals, " + way; };
    const auto compiling = processor_ns();
    const Engine block({literals});
    std::fprintf(stderr, "%-44s %8.0f ms\n", say("compiled").c_str(), (processor_ns() - compiling) / 1e6);
    measure(bench, say("block"), payload, [&] { return block.blocks(payload, 0); });
    measure(bench, say("block, 256 bytes seen twice"), payload, [&] { return block.blocks(payload, kOverlap); });
    const Engine stream(literals, HS_MODE_STREAM);
    measure(bench, say("stream"), payload, [&] { return stream.streams(payload); });
    std::fprintf(stderr, "%-44s %8zu bytes\n", say("state of a stream").c_str(), stream.stream_bytes());
    std::vector<std::vector<Expression>> shards(4);
    for (std::size_t i = 0; i < literals.size(); ++i) shards[i % 4].push_back(literals[i]);
    const Engine sharded(shards);
    measure(bench, say("block, in 4 databases"), payload, [&] { return sharded.blocks(payload, 0); });

    auto anchored = literals;
    for (auto& literal : anchored) literal.text = "^.{0,8}" + literal.text;
    const auto began = processor_ns();
    const Engine starts({anchored});
    std::fprintf(stderr, "%-44s %8.0f ms\n", say("anchored, compiled").c_str(), (processor_ns() - began) / 1e6);
    measure(bench, say("anchored, block"), payload, [&] { return starts.blocks(payload, 0); });
    std::vector<std::vector<Expression>> parts(4);
    for (std::size_t i = 0; i < anchored.size(); ++i) parts[i % 4].push_back(anchored[i]);
    const Engine parted(parts);
    measure(bench, say("anchored, in 4 databases"), payload, [&] { return parted.blocks(payload, 0); });

    auto mixed = literals;
    mixed.insert(mixed.end(), loose.begin(), loose.end());
    const Engine together({mixed});
    measure(bench, say("300 expressions among them, block"), payload, [&] { return together.blocks(payload, 0); });
    const Engine together_stream(mixed, HS_MODE_STREAM);
    measure(bench, say("300 among them, stream"), payload, [&] { return together_stream.streams(payload); });
    std::fprintf(stderr, "%-44s %8zu bytes\n", say("300 among them, state").c_str(), together_stream.stream_bytes());
    for (const bool confirmed : {false, true}) {
      const auto way = confirmed ? say("300 confirmed") : say("300 loose ones beside");
      const auto set = set_of(way.c_str(), patterns_of(words, number, bodies, confirmed), "");
      measure(bench, way, payload, [&] { return scan_all(*set, payload); });
    }
  }
  const auto many = patterns_of(words, 0, expressions_of(words, 3000), true);
  set_of("3000 confirmed, no cache", many, "");
  if (folder.empty()) return 0;
  set_of("3000 confirmed, cache filled", many, folder);
  set_of("3000 confirmed, from the cache", many, folder);
  auto edited = many;
  edited[1500].expression += "x";
  set_of("3000 confirmed, one edited", edited, folder);
}
