#pragma once
#include <cstddef>
#include <string_view>

namespace wardline::identity {

// The head of a message of HTTP (RFC 9112, 2), SIP (RFC 3261, 7) or RTSP (RFC 2326, 4): a start line and header fields,
// each ended by a line feed, with or without a carriage return before it. A line whose end is not there is not seen.
class TextHead {
 public:
  explicit TextHead(std::string_view message) : message_(message) {}

  std::string_view start_line() const;
  // The value of the first such field that has one; names are compared without case.
  std::string_view field(std::string_view name) const;
  // Calls `take` with name and value of each field. A line that starts with a blank continues the one before it
  // (obsolete folding, RFC 9112, 5.2); what it adds is left out.
  template <typename Take>
  void for_each_field(Take take) const {
    auto rest = message_;
    std::string_view line;
    bool first = true;
    for (std::size_t i = 0; i < kMaxLines && next_line(rest, line) && !line.empty(); ++i) {
      const auto colon = line.find(':');
      if (!first && colon != std::string_view::npos && line[0] != ' ' && line[0] != '\t')
        take(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
      first = false;
    }
  }
  // What follows the empty line that ends the head; nothing while that is not there.
  std::string_view body() const;

 private:
  static constexpr std::size_t kMaxLines = 128;

  // Takes a line off `rest`; false where none ends.
  static bool next_line(std::string_view& rest, std::string_view& line);
  static std::string_view trimmed(std::string_view text);

  std::string_view message_;
};

}  // namespace wardline::identity
