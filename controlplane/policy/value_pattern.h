#pragma once
#include <re2/re2.h>

#include <memory>
#include <string>

#include "dataplane/error.h"

namespace wardline::policy {

// A pattern over the value of an attribute, in RE2's syntax (https://github.com/google/re2/wiki/Syntax): its time is
// linear in the value, so that no device can choose one that keeps a careless pattern busy. UTF-8; case counts unless
// the pattern begins with (?i). The error says what is wrong with it.
Result<std::shared_ptr<const re2::RE2>> value_pattern(const std::string& text);

}  // namespace wardline::policy
