#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/signature_import/buffer.h"
#include "controlplane/signature_import/rule.h"

namespace wardline::signature_import {

// One `content` or `pcre` with the options that belong to it. Positions are those of Suricata: `offset` and `depth`
// from the begin of the buffer, `distance` and `within` from the end of the element before.
struct Element {
  bool fixed = true;  // a content: `text` is bytes; else an expression
  std::string text;
  bool caseless = false, negated = false, starts = false, ends = false;
  bool relative_anywhere = false;  // pcre /R: somewhere behind the element before
  std::optional<std::int64_t> offset, depth, distance, within;

  bool relative() const { return relative_anywhere || distance || within; }
};

// Elements that stand one behind the other; the first is relative to nothing.
struct Chain {
  const Buffer* buffer = nullptr;
  std::vector<Element> elements;
};

// What a rule looks for, and what it says that is not carried over but does no harm.
struct Body {
  std::vector<Chain> chains;
  std::vector<std::string> notes;
  std::optional<std::uint32_t> exact_length;  // dsize
};

// Reads the options of a rule. The error says why the rule cannot be carried over.
std::expected<Body, std::string> read_body(const Rule& rule);

}  // namespace wardline::signature_import
