#include "controlplane/cli/answers.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "controlplane/cli/client.h"

namespace wardline::cli {
namespace {

std::string line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Errors errors_of(const Json& answer) {
  Errors errors;
  const auto list = answer.find("errors");
  if (list == answer.end() || !list->is_array()) return errors;
  for (const auto& item : *list) {
    if (!item.is_object()) continue;
    errors.push_back({item.value("code", ""), item.value("where", ""), item.value("what", "")});
  }
  return errors;
}

ExitCode exit_of(const Json& answer) {
  const auto exit = answer.find("exit");
  if (exit == answer.end() || !exit->is_number_integer()) return kAnswerIsNo;
  const int code = exit->get<int>();
  return code == kBadInput || code == kNotPermitted ? static_cast<ExitCode>(code) : kAnswerIsNo;
}

}  // namespace

std::expected<Json, ExitCode> ask(const Context& context, const Json& request, std::chrono::milliseconds limit) {
  const auto reply = ask_daemon(context.socket, line(request), limit);
  if (!reply) {
    tell_error(reply.error().what);
    return std::unexpected(reply.error().exit);
  }
  auto answer = Json::parse(*reply, nullptr, false);
  if (!answer.is_object() || !answer.contains("ok")) {
    tell_error(context.socket + ": what answers here is no wardlined");
    return std::unexpected(kNoDaemon);
  }
  if (answer["ok"] == true) return answer;
  const auto errors = errors_of(answer);
  if (request.value("op", "") == "policy.reload") {
    print_problems(context, errors);
  } else {
    for (const auto& error : errors) tell_error(error.text());
    if (errors.empty()) tell_error("the daemon refused, without saying why");
  }
  return std::unexpected(exit_of(answer));
}

void print_line(const Json& record) {
  fmt::print("{}\n", line(record));
}

void print_records(const Json& answer) {
  const auto records = answer.find("records");
  if (records == answer.end()) return;
  for (const auto& record : *records) print_line(record);
}

void tell_error(std::string_view sentence) {
  fmt::print(stderr, "wardline: {}\n", sentence);
}

void print_problems(const Context& context, const Errors& errors) {
  for (const auto& error : errors) {
    if (context.json)
      print_line({{"code", error.code}, {"where", error.where}, {"what", error.what}});
    else
      fmt::print("{}\n", error.text());
  }
  if (!context.json) fmt::print("{} problem{}\n", errors.size(), errors.size() == 1 ? "" : "s");
}

std::string field(const Json& record, const char* name) {
  const auto found = record.find(name);
  if (found == record.end() || found->is_null()) return "-";
  return found->is_string() ? found->get<std::string>() : line(*found);
}

Json list_in(const Json& record, const char* name) {
  const auto found = record.find(name);
  return found != record.end() && found->is_array() ? *found : Json::array();
}

Json object_in(const Json& record, const char* name) {
  const auto found = record.find(name);
  return found != record.end() && found->is_object() ? *found : Json::object();
}

std::string service(const Json& record, const char* port) {
  const auto proto = field(record, "proto"), number = field(record, port);
  return number == "-" ? proto : proto + " " + number;
}

std::uint64_t number(const Json& record, const char* name) {
  const auto found = record.find(name);
  return found != record.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

std::string short_time(const Json& record, const char* name) {
  auto text = field(record, name);
  if (text.size() < 19 || text[10] != 'T') return text;
  text[10] = ' ';
  return text.substr(0, 19);
}

}  // namespace wardline::cli
