#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "controlplane/cli/answers.h"

// Answers that fill a screen, as text for people: 80 columns where the terminal is not wider.
namespace wardline::cli {

// The record that `device.show` answers with.
std::string device_page(const Json& record, const Terminal& terminal);

// What changed between two answers of `status`, a number of seconds apart, as the object that `top --json` prints.
// Rates are null where the daemon was started anew in between.
Json top_sample(const Json& before, const Json& now, double seconds);
std::string top_page(const Json& sample, const Terminal& terminal);

// The object that `trace` answers with.
std::string trace_page(const Json& trace, const Terminal& terminal);

// A line of a page: a name, and beside it from column `indent` on what it is, wrapped to the terminal.
std::string labelled(std::string_view name, const std::string& value, std::size_t indent, const Terminal& terminal,
                     Colour colour = Colour::kNone);

// Where a page goes that is no terminal, it has 80 columns.
Terminal paged(Terminal terminal);

}  // namespace wardline::cli
