#pragma once
#include <span>
#include <string_view>

#include "controlplane/reports/source.h"

// The questions, one file each. docs/reports.md says what each figure means.
namespace wardline::reports {

void connected(Source& source, Report& report);
void unauthorised(Source& source, Report& report);
void behaviour(Source& source, Report& report);
void accuracy(Source& source, Report& report);
void counts(Source& source, Report& report);
void vendors(Source& source, Report& report);
void switches(Source& source, Report& report);
void purpose(Source& source, Report& report);
void changes(Source& source, Report& report);
void coverage(Source& source, Report& report);
void assessment(Source& source, Report& report);
void asset_difference(Source& source, Report& report);

struct Question {
  std::string_view name, title;
  void (*make)(Source&, Report&);
  std::string_view tables;       // of later schemas that it asks, separated by blanks
  std::string_view from_policy;  // what is unknown without a policy; "" when nothing is
};
std::span<const Question> questions();
const Question* find_question(std::string_view name);
// What `wardline asset diff` asks; none of the questions of `wardline report`.
const Question& asset_question();

Result<Report> make_report(const Question& question, Source& source);

}  // namespace wardline::reports
