#pragma once
#include <string>

#include "controlplane/reports/report.h"

// A report as others read it. Text for a terminal is the command line's.
namespace wardline::reports {

// One object a line: first one of `type` "report" with its notes, then one of `type` "row" for each row, which names
// its table. A share is a number in percent; null is nothing.
std::string json_of(const Report& report);

// One table, after RFC 4180: a line of names, CRLF, quotes where they are needed. Text that a spreadsheet would take
// for a formula begins with an apostrophe.
std::string csv_of(const Table& table);

// One page, complete in itself: it loads nothing, and asks the browser to load nothing.
std::string html_of(const Report& report);

}  // namespace wardline::reports
