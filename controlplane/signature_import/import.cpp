#include "controlplane/signature_import/import.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "controlplane/policy/signatures.h"
#include "controlplane/signature_import/convert.h"
#include "controlplane/signature_import/example.h"
#include "controlplane/signature_import/yaml_text.h"

namespace wardline::signature_import {
namespace {

// Bytes between the patterns of an example. One of them is in nobody's way, or no example is found.
constexpr std::array<char, 4> kFillers{'x', '\0', ' ', '\x7f'};

struct Candidate {
  Signature signature;
  std::size_t outcome;
  std::string example, near_miss;
};

// How often another example is drawn for a signature that its first one does not show.
constexpr std::size_t kTries = 12;

// The example with one byte of a pattern changed wherever that stands: its first one, its last one; or nothing of it
// left.
std::string near_miss_of(const Signature& signature, const std::string& example, std::size_t attempt) {
  std::string miss = example;
  for (const auto& pattern : signature.patterns) {
    const auto& sample = pattern.sample;
    if (pattern.negated || sample.empty() || attempt % 3 == 2) continue;
    for (auto at = miss.find(sample); at != std::string::npos; at = miss.find(sample, at + 1))
      miss[at + (attempt % 3 == 0 ? 0 : sample.size() - 1)] ^= '\x15';
    if (miss != example) return miss;
  }
  return std::string(example.size(), '\x01');
}

bool draw_example(Candidate& candidate, std::size_t attempt) {
  auto example =
      example_of(candidate.signature.patterns, candidate.signature.exact_length, kFillers[attempt % kFillers.size()]);
  if (!example) return false;
  candidate.example = std::move(*example);
  candidate.near_miss = near_miss_of(candidate.signature, candidate.example, attempt);
  return true;
}

// A folder that is gone at the end of the scope.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "wardline-import.XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The applications that `within:` names, for a check without a policy: their own signatures never match here.
std::string stand_ins(const std::vector<Candidate>& candidates) {
  std::set<std::string> names;
  for (const auto& candidate : candidates)
    names.insert(candidate.signature.within.begin(), candidate.signature.within.end());
  std::string text;
  for (const auto& name : names)
    text += fmt::format(
        "  - id: stand-in-{0}\n    application: {0}\n    transport: [tcp, udp]\n    side: either\n"
        "    pattern: '^stand-in-for-{0}'\n    source: check\n"
        "    examples: {{match: ['stand-in-for-{0}'], no_match: ['none']}}\n",
        name);
  return text.empty() ? "" : "signatures:\n" + text;
}

// What the reader and the engine say of the candidates, by their place. The keys of a signature stand below its first
// line, so a fault belongs to the last entry that begins before it.
std::map<std::size_t, std::string> faults_of(const std::vector<Candidate>& candidates) {
  const TemporaryFolder folder;
  std::map<std::size_t, std::string> faults;
  std::map<std::uint32_t, std::size_t> begins;
  {
    std::ofstream file(folder.path() + "/rules.yaml");
    file << "signatures:\n";
    std::uint32_t line = 2;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const auto text = yaml_of(candidates[i].signature, candidates[i].example, candidates[i].near_miss);
      begins.emplace(line, i);
      line += static_cast<std::uint32_t>(std::ranges::count(text, '\n'));
      file << text;
    }
  }
  if (const auto text = stand_ins(candidates); !text.empty()) std::ofstream(folder.path() + "/apps.yaml") << text;
  Errors errors;
  policy::load_signatures(folder.path(), "", "", 1, errors);
  for (const auto& error : errors) {
    const auto colon = error.where.find(':');
    const auto line =
        colon == std::string::npos ? 0U : static_cast<unsigned>(std::atoi(error.where.c_str() + colon + 1));
    auto entry = begins.upper_bound(line);
    if (entry == begins.begin() || !error.where.starts_with("rules.yaml")) {
      for (std::size_t i = 0; i < candidates.size(); ++i) faults.emplace(i, error.text());  // of no single one
      continue;
    }
    faults.emplace(std::prev(entry)->second, error.what);
  }
  return faults;
}

// Faults of patterns hide those of examples, so the check is repeated until nothing more is found.
std::vector<Candidate> keep_what_holds(std::vector<Candidate> candidates, std::vector<Outcome>& outcomes) {
  std::map<std::string, std::size_t> tries;
  while (!candidates.empty()) {
    const auto faults = faults_of(candidates);
    if (faults.empty()) break;
    std::vector<Candidate> kept;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      auto& candidate = candidates[i];
      const auto fault = faults.find(i);
      bool again = fault == faults.end();
      while (!again && ++tries[candidate.signature.id] < kTries)
        again = draw_example(candidate, tries[candidate.signature.id]);
      if (again) {
        kept.push_back(std::move(candidate));
      } else {
        outcomes[candidate.outcome].carried = false;
        outcomes[candidate.outcome].reason = fault->second;
      }
    }
    candidates = std::move(kept);
  }
  return candidates;
}

}  // namespace

std::size_t Import::carried() const {
  return static_cast<std::size_t>(std::ranges::count_if(outcomes, &Outcome::carried));
}

Import import_rules(const std::string& text, const std::string& file) {
  Import import;
  const auto rules = read_rules(text);
  import.disabled = rules.disabled;
  std::vector<Candidate> candidates;
  std::set<std::string> seen;
  for (const auto& bad : rules.unreadable) import.outcomes.push_back({bad.line, "", bad.text, false, bad.why, {}});
  for (const auto& rule : rules.rules) {
    Outcome outcome{rule.line, std::string(rule.value_of("sid")), std::string(rule.value_of("msg")), false, "", {}};
    auto signature = convert(rule, file);
    if (!signature) {
      outcome.reason = signature.error();
    } else if (!seen.insert(signature->id).second) {
      outcome.reason = fmt::format("the sid {} stands in the file already", outcome.sid);
    } else {
      Candidate candidate{std::move(*signature), import.outcomes.size(), "", ""};
      outcome.carried = draw_example(candidate, 0);
      outcome.notes = candidate.signature.notes;
      if (outcome.carried)
        candidates.push_back(std::move(candidate));
      else
        outcome.reason = "no payload can be made in which all of its patterns stand where they must";
    }
    import.outcomes.push_back(std::move(outcome));
  }
  candidates = keep_what_holds(std::move(candidates), import.outcomes);
  for (const auto& candidate : candidates)
    import.yaml += (import.yaml.empty() ? "signatures:\n" : "") +
                   yaml_of(candidate.signature, candidate.example, candidate.near_miss);
  std::ranges::stable_sort(import.outcomes, {}, &Outcome::line);
  return import;
}

}  // namespace wardline::signature_import
