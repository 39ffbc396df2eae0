// What a rule asks of the payload: facts that exist, that its applications tell, with values that can occur.
#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "controlplane/policy/check.h"

namespace wardline::policy {
namespace {

using facts::Fact;

// Facts whose values are words of a list.
std::span<const std::string_view> words_of(Fact fact) {
  static constexpr std::array<std::string_view, 2> kAccess{"read", "write"};
  static constexpr std::array<std::string_view, 3> kBacnet{"read", "write", "control"};
  static constexpr std::array<std::string_view, 3> kSnmp{"1", "2c", "3"};
  static constexpr std::array<std::string_view, 5> kTls{"ssl3", "1.0", "1.1", "1.2", "1.3"};
  static constexpr std::array<std::string_view, 6> kSmb{"1", "2.0.2", "2.1", "3.0", "3.0.2", "3.1.1"};
  static constexpr std::array<std::string_view, 12> kDicom{"c-store", "c-get",    "c-find",         "c-move",
                                                           "c-echo",  "c-cancel", "n-event-report", "n-get",
                                                           "n-set",   "n-action", "n-create",       "n-delete"};
  switch (fact) {
    case Fact::kModbusAccess:
    case Fact::kEnipAccess:
      return kAccess;
    case Fact::kBacnetAccess:
      return kBacnet;
    case Fact::kSnmpVersion:
      return kSnmp;
    case Fact::kTlsVersion:
      return kTls;
    case Fact::kSmbDialect:
      return kSmb;
    case Fact::kDicomCommand:
      return kDicom;
    default:
      return {};
  }
}

// Facts that are read in lower case: another letter would never fit.
bool lower_case(Fact fact) {
  return fact == Fact::kTlsSni || fact == Fact::kHttpHost || fact == Fact::kDnsName || fact == Fact::kSmbShare ||
         fact == Fact::kTlsJa3 || fact == Fact::kTlsJa4;
}

bool has_upper(std::string_view text) {
  return std::ranges::any_of(text, [](char letter) { return letter >= 'A' && letter <= 'Z'; });
}

// Why this text can never be the fact's value; "" where it can.
std::string fault_of(Fact fact, const std::string& text) {
  if (const auto words = words_of(fact); !words.empty())
    return std::ranges::find(words, text) != words.end()
               ? ""
               : fmt::format("{} is one of {}; found '{}'", facts::name_of(fact), fmt::join(words, ", "), text);
  if (text.empty()) return fmt::format("{} needs a value", facts::name_of(fact));
  const auto star = text.find('*');
  if (star != std::string::npos &&
      (text.size() == 1 || (star != 0 && star != text.size() - 1) || text.find('*', star + 1) != std::string::npos))
    return fmt::format("'{}': a '*' stands alone at the start or at the end, before or after some text", text);
  if (lower_case(fact) && has_upper(text))
    return fmt::format("{} is read in lower case, so '{}' would never fit", facts::name_of(fact), text);
  if (fact == Fact::kTlsJa3 && star == std::string::npos &&
      (text.size() != 32 || text.find_first_not_of("0123456789abcdef") != std::string::npos))
    return fmt::format("'{}' is no JA3: 32 hexadecimal digits", text);
  if (fact == Fact::kHttpMethod && star == std::string::npos &&
      std::ranges::any_of(text, [](char letter) { return letter >= 'a' && letter <= 'z'; }))
    return fmt::format("methods of HTTP are told apart by case: did you mean an upper-case '{}'?", text);
  return "";
}

std::vector<std::string> fact_names() {
  std::vector<std::string> names;
  for (const auto& text : facts::kFacts) names.emplace_back(text.name);
  return names;
}

// Each application of the rule must tell the fact: of one that does not, the rule would allow nothing or everything.
void check_tellers(const CheckContext& context, const RuleDraft& rule, const WhenDraft& when, Fact fact) {
  for (const auto& app : rule.apps) {
    const auto id = context.signatures.app(app.text);
    if (!id || facts::tells(context.signatures.app_traits[*id].reader, fact)) continue;
    context.error(when.fact.at, "policy.when",
                  fmt::format("{} tells no {}: give it a rule of its own", app.text, when.fact.text));
  }
}

}  // namespace

void check_when(const CheckContext& context, const RuleDraft& rule) {
  if (!rule.when.empty() && rule.unclassified)
    context.error(rule.when.front().fact.at, "policy.when", "'unclassified' traffic tells no facts");
  for (const auto& when : rule.when) {
    const auto known = std::ranges::find(facts::kFacts, when.fact.text, &facts::FactText::name);
    if (known == facts::kFacts.end()) {
      context.unknown("fact", when.fact, fact_names());
      continue;
    }
    if (context.apps_known) check_tellers(context, rule, when, known->fact);
    for (const auto& value : when.values)
      if (const auto fault = fault_of(known->fact, value.text); !fault.empty())
        context.error(value.at, "policy.when", fault);
  }
}

}  // namespace wardline::policy
