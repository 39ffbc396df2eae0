#include "controlplane/signature_import/buffer.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace wardline::signature_import {
namespace {

constexpr std::string_view kNotNormalised = "looked for as it stands on the wire, without undoing percent codes";
constexpr std::string_view kNotUnpacked = "looked for as it stands on the wire, without undoing gzip or chunks";

// Headers of HTTP are named in any case; their value begins after the blank.
#define HEADER(name) R"(\r\n(?i:)" name R"():[ \t]?)"
constexpr std::array<Buffer, 17> kBuffers{{
    {"", "", ".", "", Holder::kPayload, false, ""},
    {"http.method", "^", "[A-Z]", " ", Holder::kHttpRequest, false, ""},
    {"http.uri", R"(^[A-Z]{3,16} )", R"([^ \r\n])", " HTTP/1", Holder::kHttpRequest, false, kNotNormalised},
    {"http.uri.raw", R"(^[A-Z]{3,16} )", R"([^ \r\n])", " HTTP/1", Holder::kHttpRequest, false, ""},
    {"http.host", HEADER("host"), R"([^\r\n])", R"(\r\n)", Holder::kHttpRequest, true, ""},
    {"http.user_agent", HEADER("user-agent"), R"([^\r\n])", R"(\r\n)", Holder::kHttpRequest, false, ""},
    {"http.cookie", HEADER("cookie"), R"([^\r\n])", R"(\r\n)", Holder::kHttpRequest, false, ""},
    {"http.referer", HEADER("referer"), R"([^\r\n])", R"(\r\n)", Holder::kHttpRequest, false, ""},
    {"http.content_type", HEADER("content-type"), R"([^\r\n])", R"(\r\n)", Holder::kHttpRequest, false, ""},
    {"http.accept", HEADER("accept"), R"([^\r\n])", R"(\r\n)", Holder::kHttpRequest, false, ""},
    {"http.header", R"(^[^\r\n]{1,2000}\r\n)", ".", R"(\r\n)", Holder::kHttpRequest, false,
     "looked for behind the first line, so in the body, too"},
    {"http.request_body", R"(\r\n\r\n)", ".", "", Holder::kHttpRequest, false, kNotUnpacked},
    {"http.stat_code", R"(^HTTP/1\.[01] )", "[0-9]", " ", Holder::kHttpResponse, false, ""},
    {"http.server", HEADER("server"), R"([^\r\n])", R"(\r\n)", Holder::kHttpResponse, false, ""},
    {"http.response_body", R"(\r\n\r\n)", ".", "", Holder::kHttpResponse, false, kNotUnpacked},
    {"dns.query", R"(^.{12}[\x01-\x3f])", R"([^\x00])", R"(\x00)", Holder::kDnsQuestion, true,
     "a dot stands for any length of a label"},
    {"tls.sni", R"(\x00\x00\x00.\x00.\x00\x00.)", R"([\x21-\x7e])", "", Holder::kTlsHello, true,
     "looked for behind the head of a server name, so in later extensions, too"},
}};
#undef HEADER

constexpr std::array<std::pair<std::string_view, std::string_view>, 24> kOtherNames{{
    {"http_method", "http.method"},
    {"http_uri", "http.uri"},
    {"uricontent", "http.uri"},
    {"http_raw_uri", "http.uri.raw"},
    {"http_host", "http.host"},
    {"http_raw_host", "http.host"},
    {"http.host.raw", "http.host"},
    {"http_user_agent", "http.user_agent"},
    {"http_cookie", "http.cookie"},
    {"http_raw_cookie", "http.cookie"},
    {"http_referer", "http.referer"},
    {"http_content_type", "http.content_type"},
    {"http_accept", "http.accept"},
    {"http_header", "http.header"},
    {"http_raw_header", "http.header"},
    {"http.header.raw", "http.header"},
    {"http_client_body", "http.request_body"},
    {"http_stat_code", "http.stat_code"},
    {"http_server_body", "http.response_body"},
    {"file_data", "http.response_body"},
    {"file.data", "http.response_body"},
    {"dns_query", "dns.query"},
    {"tls_sni", "tls.sni"},
    {"pkt_data", ""},
}};

}  // namespace

const Buffer* find_buffer(std::string_view name) {
  if (const auto other = std::ranges::find(kOtherNames, name, [](const auto& pair) { return pair.first; });
      other != kOtherNames.end())
    name = other->second;
  const auto found = std::ranges::find(kBuffers, name, &Buffer::name);
  return found == kBuffers.end() ? nullptr : &*found;
}

const Buffer* buffer_of_pcre_flag(char flag) {
  static constexpr std::array<std::pair<char, std::string_view>, 9> kFlags{{{'U', "http.uri"},
                                                                            {'I', "http.uri.raw"},
                                                                            {'P', "http.request_body"},
                                                                            {'H', "http.header"},
                                                                            {'M', "http.method"},
                                                                            {'C', "http.cookie"},
                                                                            {'V', "http.user_agent"},
                                                                            {'W', "http.host"},
                                                                            {'Q', "http.response_body"}}};
  const auto found = std::ranges::find(kFlags, flag, [](const auto& pair) { return pair.first; });
  return found == kFlags.end() ? nullptr : find_buffer(found->second);
}

const Buffer& whole_payload() {
  return kBuffers[0];
}

}  // namespace wardline::signature_import
