#include "dataplane/classify/engine.h"

#include <vector>

namespace wardline::classify {
namespace {

hs_expr_ext_t bounds_of(const Expression& expression) {
  hs_expr_ext_t ext{};
  const auto set = [&ext](unsigned long long flag, unsigned long long& field, std::uint32_t value) {
    if (value == 0) return;
    ext.flags |= flag;
    field = value;
  };
  set(HS_EXT_FLAG_MIN_OFFSET, ext.min_offset, expression.min_offset);
  set(HS_EXT_FLAG_MAX_OFFSET, ext.max_offset, expression.max_offset);
  set(HS_EXT_FLAG_MIN_LENGTH, ext.min_length, expression.min_length);
  return ext;
}

// Each field with its length before it, so that no two lists of fields can run together to the same bytes.
void append_field(std::string& content, std::string_view field) {
  content += std::to_string(field.size());
  content += ':';
  content += field;
}

}  // namespace

std::string Expression::content() const {
  std::string content;
  append_field(content, text);
  for (const std::uint32_t number : {std::uint32_t{caseless}, min_offset, max_offset, min_length})
    append_field(content, std::to_string(number));
  return content;
}

std::string escaped(std::string_view literal) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(4 * literal.size());
  for (const char c : literal) {
    const auto value = static_cast<unsigned char>(c);
    text += {'\\', 'x', kHex[value >> 4], kHex[value & 15]};
  }
  return text;
}

Compiled compile_expressions(std::span<const Expression> expressions) {
  std::vector<const char*> texts;
  std::vector<unsigned int> flags, ids;
  std::vector<hs_expr_ext_t> bounds;
  std::vector<const hs_expr_ext_t*> bound_pointers;
  for (const auto& expression : expressions) {
    ids.push_back(static_cast<unsigned int>(texts.size()));
    texts.push_back(expression.text.c_str());
    flags.push_back(HS_FLAG_DOTALL | HS_FLAG_SINGLEMATCH | (expression.caseless ? unsigned{HS_FLAG_CASELESS} : 0U));
    bounds.push_back(bounds_of(expression));
  }
  for (const auto& bound : bounds) bound_pointers.push_back(&bound);
  hs_database_t* database = nullptr;
  hs_compile_error_t* fault = nullptr;
  const auto answer =
      hs_compile_ext_multi(texts.data(), flags.data(), ids.data(), bound_pointers.data(),
                           static_cast<unsigned int>(texts.size()), HS_MODE_BLOCK, nullptr, &database, &fault);
  Compiled compiled{DatabasePtr(database), -1, {}};
  if (answer != HS_SUCCESS) {
    compiled.faulty = fault != nullptr ? fault->expression : -1;
    compiled.message = fault != nullptr && fault->message != nullptr ? fault->message : "no reason given";
  }
  if (fault != nullptr) hs_free_compile_error(fault);
  return compiled;
}

}  // namespace wardline::classify
