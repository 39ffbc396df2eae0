#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "controlplane/cli/commands.h"
#include "controlplane/daemon/config.h"
#include "controlplane/reports/questions.h"
#include "controlplane/reports/render.h"

namespace wardline::cli {
namespace {

constexpr const char* kDaemonConfig = "/etc/wardline/wardlined.yaml";

// Where the daemon of this machine keeps its database and its policy; nullopt when its settings cannot be read, which
// has been told.
std::optional<daemon::Config> daemon_config() {
  std::error_code fault;
  if (!std::filesystem::exists(kDaemonConfig, fault)) return daemon::Config{};
  auto config = daemon::load_config(kDaemonConfig);
  if (config) return std::move(*config);
  for (const auto& error : config.error()) tell_error(error.text());
  return std::nullopt;
}

Colour colour_of(const std::string& text) {
  if (text == "critical" || text == "high" || text == "expired") return Colour::kBad;
  if (text == "medium" || text == "unidentified" || text == "unplaced" || text == "monitor" || text == "proposed")
    return Colour::kNotice;
  return Colour::kNone;
}

std::string heading(std::string name) {
  for (char& c : name) c = c == '_' ? ' ' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

void print_table(const reports::Table& from, const Terminal& terminal) {
  fmt::print("\n{}\n", from.title);
  if (from.rows.empty()) {
    fmt::print("none\n");
    return;
  }
  std::vector<std::string> headings;
  for (const auto& column : from.columns) headings.push_back(heading(column.name));
  Table table(std::move(headings));
  for (const auto& row : from.rows) {
    std::vector<Table::Cell> cells;
    cells.reserve(row.size());
    for (const auto& cell : row) {
      auto text = reports::text_of(cell);
      const auto colour = colour_of(text);
      cells.push_back({text.empty() ? "-" : std::move(text), colour});
    }
    table.add(std::move(cells));
  }
  fmt::print("{}", table.text(terminal));
}

void print_text(const reports::Report& report, const Terminal& terminal) {
  fmt::print("{}, {}\n", report.title, reports::text_of(report.time));
  for (const auto& note : report.notes) fmt::print("{}\n", note);
  for (const auto& table : report.tables) print_table(table, terminal);
}

ExitCode print_csv(const reports::Report& report, const std::string& name) {
  const auto& tables = report.tables;
  const auto chosen = name.empty() ? tables.begin() : std::ranges::find(tables, name, &reports::Table::name);
  std::vector<std::string> names;
  for (const auto& table : tables) names.push_back(table.name);
  if (chosen == tables.end()) {
    tell_error(fmt::format("this report has the tables {}, found '{}'", fmt::join(names, ", "), name));
    return kBadInput;
  }
  for (const auto& note : report.notes) tell_error(note);
  if (name.empty() && names.size() > 1)
    tell_error(fmt::format("CSV holds one table, here `{}`; `--table` names another of {}", chosen->name,
                           fmt::join(names, ", ")));
  fmt::print("{}", reports::csv_of(*chosen));
  return kFine;
}

ExitCode print(const Context& context, const ReportOptions& options, const reports::Report& report) {
  if (options.form == "csv") return print_csv(report, options.table);
  if (options.form == "html")
    fmt::print("{}", reports::html_of(report));
  else if (context.json)
    fmt::print("{}", reports::json_of(report));
  else
    print_text(report, context.terminal);
  return kFine;
}

// The policy that was asked for, or the daemon's; a report can do without the latter. False: told, and to end with 2.
bool read_policy(const std::string& asked, const std::string& daemons, std::optional<policy::StatedPolicy>& policy) {
  const auto& directory = asked.empty() ? daemons : asked;
  if (directory.empty()) return true;
  auto read = policy::read_stated(directory);
  if (!read) {
    for (const auto& error : read.error()) tell_error(error.text());
    return asked.empty();
  }
  policy = std::move(*read);
  return true;
}

ExitCode exit_of(const Error& error) {
  if (error.code == "store.missing") return kNoDaemon;
  return error.code == "store.not-permitted" ? kNotPermitted : kBadInput;
}

// From the daemon's database and policy, or those that were asked for; why there is none has been told.
std::expected<reports::Report, ExitCode> answer_to(const reports::Question& question, const ReportOptions& options) {
  const auto config = options.database.empty() || options.policy.empty() ? daemon_config() : daemon::Config{};
  std::optional<policy::StatedPolicy> policy;
  if (!config || !read_policy(options.policy, config->policy, policy)) return std::unexpected(kBadInput);
  reports::Options asked{.now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()),
                         .since = std::nullopt,
                         .top = options.top,
                         .limit = options.limit};
  if (options.seconds != 0) asked.since = asked.now - std::chrono::seconds(options.seconds);
  auto source = reports::Source::open(options.database.empty() ? config->state + "/inventory.db" : options.database,
                                      policy ? &*policy : nullptr, asked);
  const auto made =
      source ? reports::make_report(question, *source) : Result<reports::Report>(std::unexpected(source.error()));
  if (made) return *made;
  tell_error(made.error().text());
  return std::unexpected(exit_of(made.error()));
}

}  // namespace

ExitCode report(const Context& context, const ReportOptions& options) {
  const auto* question = reports::find_question(options.question);
  if (question == nullptr || (context.json && !options.form.empty())) {
    tell_error(question == nullptr ? "there is no report on '" + options.question + "'"
                                   : "expected one of --json, --csv and --html");
    return kBadInput;
  }
  const auto made = answer_to(*question, options);
  return made ? print(context, options, *made) : made.error();
}

ExitCode asset_diff(const Context& context, const ReportOptions& options) {
  const auto made = answer_to(reports::asset_question(), options);
  if (!made) return made.error();
  print(context, options, *made);
  const auto differs = [](const reports::Table& table) { return table.name != "figures" && !table.rows.empty(); };
  return std::ranges::any_of(made->tables, differs) ? kAnswerIsNo : kFine;
}

}  // namespace wardline::cli
