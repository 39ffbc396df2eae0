#pragma once
#include <concepts>
#include <string>
#include <string_view>

namespace wardline::records {

// Writes one JSON object on one line, key by key: records are made by the thousand a second, and a tree of them costs
// ten times this. Keys are the program's own and are not escaped.
class JsonLine {
 public:
  JsonLine() { line_.reserve(1536); }

  JsonLine& text(std::string_view key, std::string_view value) {
    begin(key);
    append_quoted(value);
    return *this;
  }
  JsonLine& text_or_null(std::string_view key, std::string_view value) {
    return value.empty() ? raw(key, "null") : text(key, value);
  }
  template <std::integral Number>
  requires(!std::same_as<Number, bool>) JsonLine& number(std::string_view key, Number value) {
    return raw(key, std::to_string(value));
  }
  JsonLine& truth(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
  JsonLine& raw(std::string_view key, std::string_view json) {
    begin(key);
    line_ += json;
    return *this;
  }
  std::string take() {
    line_ += line_.empty() ? "{}" : "}";
    return std::move(line_);
  }

 private:
  void begin(std::string_view key) {
    line_ += line_.empty() ? "{\"" : ",\"";
    line_ += key;
    line_ += "\":";
  }
  void append_quoted(std::string_view value);  // what is no UTF-8 is replaced

  std::string line_;
};

}  // namespace wardline::records
