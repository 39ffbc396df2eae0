#include "controlplane/reports/questions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace wardline::reports {
namespace {

constexpr std::array kQuestions{
    Question{"connected", "Devices that are connected, and where", connected, "", ""},
    Question{"unauthorised", "Unauthorised and rogue devices", unauthorised, "finding", ""},
    Question{"behaviour", "Devices that do what their class may not do", behaviour, "conversation", ""},
    Question{"accuracy", "The asset register against the wire", accuracy, "", "the asset register is"},
    Question{"counts", "How many devices there are", counts, "", "purpose and criticality are"},
    Question{"vendors", "Makers of the devices", vendors, "", ""},
    Question{"switches", "Risk of the devices behind each switch and port", switches, "finding conversation",
             "criticality is"},
    Question{"purpose", "Devices without a medical purpose", purpose, "", "purposes and exceptions are"},
    Question{"changes", "What changed", changes, "history finding", ""},
    Question{"coverage", "What the appliance cannot see", coverage, "conversation", "the segments' modes are"},
    Question{"assessment", "Security assessment", assessment, "finding history conversation",
             "purposes, segments, exceptions and tests are"},
};

void note_missing(const Question& question, const Source& source, Report& report) {
  for (const std::string_view table : {"finding", "history", "conversation"})
    if (question.tables.find(table) != std::string_view::npos && !source.has(table))
      report.notes.push_back(
          fmt::format("The database is of an older program and has no table `{}`: what would come from it is missing "
                      "here. The daemon adds it when it starts.",
                      table));
  if (!question.from_policy.empty() && !source.has_policy())
    report.notes.push_back(
        fmt::format("No policy was read: {} unknown here. `--policy DIR` names one.", question.from_policy));
}

void note_cut(const Source& source, Report& report) {
  for (const auto& table : report.tables)
    if (table.cut)
      report.notes.push_back(fmt::format("\"{}\" has more than the {} rows shown; `--limit N` shows more.", table.title,
                                         source.options().limit));
}

}  // namespace

const Question& asset_question() {
  static constexpr Question kDifference{"asset_diff", "The asset register and the wire, device by device",
                                        asset_difference, "", "the asset register is"};
  return kDifference;
}

std::span<const Question> questions() {
  return kQuestions;
}

const Question* find_question(std::string_view name) {
  const auto found = std::ranges::find(kQuestions, name, &Question::name);
  return found == kQuestions.end() ? nullptr : &*found;
}

Result<Report> make_report(const Question& question, Source& source) {
  Report report{.question = std::string(question.name),
                .title = std::string(question.title),
                .time = source.options().now,
                .since = source.options().since,
                .policy_hash = source.policy_hash(),
                .notes = {},
                .tables = {}};
  note_missing(question, source, report);
  question.make(source, report);
  note_cut(source, report);
  if (source.error()) return std::unexpected(*source.error());
  return report;
}

}  // namespace wardline::reports
