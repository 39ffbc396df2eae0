#pragma once
#include <chrono>

#include "controlplane/policy/draft.h"

namespace wardline::policy {

// What the cross check may rely on. A file that could not be read leaves its names unknown; asking for them then would
// only repeat its problem at every place that uses one.
struct CheckContext {
  const PolicyDraft& draft;
  const SignatureSet& signatures;
  const std::vector<std::string>& class_names;  // of all files in classes/, readable or not
  const std::vector<std::string>& bundles;      // empty: any
  bool site_known = true, apps_known = true;
  std::chrono::sys_days today;
  Errors& errors;
  Errors& warnings;

  void error(const Location& at, std::string code, std::string what) const {
    errors.push_back({std::move(code), at.text(), std::move(what)});
  }
  void warn(const Location& at, std::string code, std::string what) const {
    warnings.push_back({std::move(code), at.text(), std::move(what)});
  }
  // "the role 'x' is not known; did you mean 'y'?"
  void unknown(std::string_view kind, const Word& word, const std::vector<std::string>& known) const;
};

// Everything that needs more than one value to tell. Each reports to `context.errors`.
void check_rules(const CheckContext& context);
void check_when(const CheckContext& context, const RuleDraft& rule);
void check_classes(const CheckContext& context);
void check_detections(const CheckContext& context);
void check_segments(const CheckContext& context);
void check_register(const CheckContext& context);
void check_expectation_names(const CheckContext& context);

// Names of a kind, for look-ups and suggestions.
std::vector<std::string> names_of(const std::vector<AddressGroup>& groups);
std::vector<std::string> app_names_of(const SignatureSet& signatures);
bool holds(const std::vector<std::string>& names, const std::string& name);

}  // namespace wardline::policy
