#pragma once
#include <chrono>
#include <expected>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "controlplane/cli/exit_code.h"
#include "controlplane/cli/table.h"
#include "dataplane/error.h"

namespace wardline::cli {

using Json = nlohmann::ordered_json;

// What every command is given.
struct Context {
  std::string socket;
  bool json = false;  // one record a line instead of text for people
  Terminal terminal;
};

// Asks the daemon. When it refuses, or does not answer, that has been told on stderr, and what is left to do is to end
// with the code.
std::expected<Json, ExitCode> ask(const Context& context, const Json& request,
                                  std::chrono::milliseconds limit = std::chrono::seconds(5));

void print_line(const Json& record);
// `records` of an answer, one a line.
void print_records(const Json& answer);
void tell_error(std::string_view sentence);  // on stderr

// All problems of a policy, one a line, and how many they are; as records with --json.
void print_problems(const Context& context, const Errors& errors);

// A field as text: strings without quotes, null and absence as "-".
std::string field(const Json& record, const char* name);
Json list_in(const Json& record, const char* name);          // empty where there is none
Json object_in(const Json& record, const char* name);        // likewise
std::string service(const Json& record, const char* port);   // "tcp 443"; without a port "icmp"
std::uint64_t number(const Json& record, const char* name);  // 0 where there is none
// "2026-11-02T03:04:05.000006Z" as "2026-11-02 03:04:05".
std::string short_time(const Json& record, const char* name);

}  // namespace wardline::cli
