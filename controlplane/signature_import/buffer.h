#pragma once
#include <string_view>

// The parts of a message that a rule may look into ("sticky buffers"), told as expressions over the raw payload.
namespace wardline::signature_import {

enum class Holder : unsigned char { kPayload, kHttpRequest, kHttpResponse, kDnsQuestion, kTlsHello };

struct Buffer {
  std::string_view name;    // "http.uri"; "" is the whole payload
  std::string_view prefix;  // leads to the first byte of the buffer
  std::string_view inside;  // one byte of it
  std::string_view suffix;  // what stands behind the last one
  Holder holder;
  bool caseless;          // its text is compared in one case
  std::string_view note;  // how the raw payload differs from what the rule's author saw; "" where it does not
};

// By today's name (http.uri), by the name of old (http_uri) and by that of newer engines. nullptr: not told here.
const Buffer* find_buffer(std::string_view name);
// The one behind a flag of pcre (U: http.uri). nullptr: none.
const Buffer* buffer_of_pcre_flag(char flag);
const Buffer& whole_payload();

}  // namespace wardline::signature_import
