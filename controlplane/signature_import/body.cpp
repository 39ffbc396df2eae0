#include "controlplane/signature_import/body.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include <fmt/format.h>

namespace wardline::signature_import {
namespace {

using Refused = std::unexpected<std::string>;
using Done = std::expected<void, std::string>;

constexpr std::array<std::string_view, 16> kDescribe{
    "msg",      "sid",      "rev",          "gid",    "classtype", "reference", "metadata",  "flow",
    "priority", "rawbytes", "fast_pattern", "target", "service",   "rem",       "prefilter", "soid"};

struct WhyNot {
  std::string_view name, why;
};
constexpr std::string_view kNumbers = "it computes with numbers of the payload, which no pattern does";
constexpr std::string_view kHeaders =
    "it asks for a header below the payload; a rule of a class or a detector does that";
constexpr std::string_view kCounts = "it counts events; that is what `detectors:` are for";
constexpr std::string_view kState = "it depends on what another rule saw before";
constexpr std::string_view kFiles = "it looks into files that the engine takes out of the traffic";
constexpr std::array<WhyNot, 43> kWhyNot{{
    {"byte_test", kNumbers},   {"byte_jump", kNumbers},   {"byte_extract", kNumbers},
    {"byte_math", kNumbers},   {"asn1", kNumbers},        {"base64_decode", kNumbers},
    {"base64_data", kNumbers}, {"urilen", kNumbers},      {"isdataat", kNumbers},
    {"cvs", kNumbers},         {"ber_data", kNumbers},    {"flags", kHeaders},
    {"seq", kHeaders},         {"ack", kHeaders},         {"window", kHeaders},
    {"ttl", kHeaders},         {"tos", kHeaders},         {"id", kHeaders},
    {"ipopts", kHeaders},      {"fragbits", kHeaders},    {"fragoffset", kHeaders},
    {"ip_proto", kHeaders},    {"sameip", kHeaders},      {"itype", kHeaders},
    {"icode", kHeaders},       {"icmp_id", kHeaders},     {"icmp_seq", kHeaders},
    {"tcp.flags", kHeaders},   {"stream_size", kHeaders}, {"detection_filter", kCounts},
    {"rate_filter", kCounts},  {"xbits", kState},         {"hostbits", kState},
    {"flowint", kState},       {"dataset", kState},       {"datarep", kState},
    {"iprep", kState},         {"filesize", kFiles},      {"fileext", kFiles},
    {"filemagic", kFiles},     {"filename", kFiles},      {"filemd5", kFiles},
    {"filesha256", kFiles},
}};

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

// `abc|0d 0a|def` with \" \; \: \\ escaped.
std::expected<std::string, std::string> content_bytes(std::string_view written) {
  std::string bytes;
  bool hex = false;
  for (std::size_t i = 0; i < written.size(); ++i) {
    const char c = written[i];
    if (c == '|') {
      hex = !hex;
    } else if (hex) {
      if (c == ' ') continue;
      unsigned value = 0;
      const auto* end = written.data() + std::min(i + 2, written.size());
      if (std::from_chars(written.data() + i, end, value, 16).ptr != written.data() + i + 2)
        return Refused(fmt::format("expected two hexadecimal digits in the content \"{}\"", written));
      bytes += static_cast<char>(value);
      ++i;
    } else if (c == '\\' && i + 1 < written.size()) {
      bytes += written[++i];
    } else {
      bytes += c;
    }
  }
  if (hex) return Refused(fmt::format("a '|' is open in the content \"{}\"", written));
  if (bytes.empty()) return Refused("a content without bytes");
  return bytes;
}

class Reader {
 public:
  explicit Reader(const Rule& rule) : rule_(rule) {
    sticky_names_ = std::ranges::any_of(rule.options, [](const Option& option) {
      return option.name == "content" && option.value.find('"') != std::string::npos &&
             (option.value.find("\",") != std::string::npos || option.value.find("\" ,") != std::string::npos);
    });
  }

  std::expected<Body, std::string> run() {
    for (const auto& option : rule_.options)
      if (auto done = take(option); !done) return Refused(done.error());
    if (read_.empty()) return Refused("it looks for nothing in the payload: a rule of a class or a detector does that");
    for (const auto& [buffer, element] : read_) place(buffer, element);
    return std::move(body_);
  }

 private:
  struct Read {
    const Buffer* buffer;
    Element element;
  };

  Done take(const Option& option) {
    if (std::ranges::find(kDescribe, option.name) != kDescribe.end()) return {};
    if (option.name == "content" || option.name == "uricontent") return take_content(option);
    if (option.name == "pcre") return take_pcre(option);
    if (option.name == "nocase" || option.name == "offset" || option.name == "depth" || option.name == "distance" ||
        option.name == "within" || option.name == "startswith" || option.name == "endswith")
      return modify(option.name, option.value);
    if (option.name == "flowbits") return take_flowbits(option);
    if (option.name == "threshold") return take_threshold(option);
    if (option.name == "dsize") return take_dsize(option);
    if (option.name == "bsize") return take_bsize(option);
    if (const auto* buffer = find_buffer(option.name); buffer != nullptr) return take_buffer(*buffer, option);
    if (const auto found = std::ranges::find(kWhyNot, option.name, &WhyNot::name); found != kWhyNot.end())
      return Refused(fmt::format("the option '{}': {}", option.name, found->why));
    return Refused(fmt::format("the option '{}' is not known here", option.name));
  }

  Done take_content(const Option& option) {
    auto written = std::string_view(option.value);
    std::string_view behind;
    if (const auto quote = written.find('"');
        quote != std::string_view::npos && quote + 1 < written.size() && written[quote + 1] == ',') {
      behind = written.substr(quote + 2);
      written = written.substr(0, quote);
    }
    auto bytes = content_bytes(written);
    if (!bytes) return Refused(bytes.error());
    Element element;
    element.text = std::move(*bytes);
    element.negated = option.negated;
    const auto* buffer = option.name == "uricontent" ? find_buffer("http.uri") : sticky_;
    element.caseless = buffer->caseless;
    read_.push_back({buffer, std::move(element)});
    while (!behind.empty()) {  // `content:"abc",nocase,depth 3`
      const auto comma = behind.find(',');
      auto word = behind.substr(0, comma);
      behind = comma == std::string_view::npos ? std::string_view{} : behind.substr(comma + 1);
      while (word.starts_with(' ')) word.remove_prefix(1);
      const auto blank = word.find(' ');
      const auto name = word.substr(0, blank);
      if (name.starts_with("fast_pattern")) continue;
      if (auto done = modify(name, blank == std::string_view::npos ? "" : word.substr(blank + 1)); !done) return done;
    }
    return {};
  }

  Done modify(std::string_view name, std::string_view value) {
    if (read_.empty()) return Refused(fmt::format("'{}' stands before every content", name));
    Element& element = read_.back().element;
    if (name == "nocase") return element.caseless = true, Done{};
    if (name == "startswith") return element.starts = true, Done{};
    if (name == "endswith") return element.ends = true, Done{};
    const auto amount = number(value);
    if (!amount)
      return Refused(fmt::format("'{}:{}' takes a number from the payload, which no pattern does", name, value));
    if (name == "offset")
      element.offset = amount;
    else if (name == "depth")
      element.depth = amount;
    else if (name == "distance")
      element.distance = amount;
    else if (name == "within")
      element.within = amount;
    else
      return Refused(fmt::format("the option '{}' is not known here", name));
    if (*amount < 0) return Refused(fmt::format("'{}:{}' is negative, so that two patterns may overlap", name, value));
    return {};
  }

  // pcre:"/expression/flags"
  Done take_pcre(const Option& option) {
    const std::string_view written = option.value;
    const auto last = written.rfind('/');
    if (!written.starts_with('/') || last == 0)
      return Refused(fmt::format("expected pcre:\"/expression/flags\", found \"{}\"", written));
    Element element;
    element.fixed = false;
    const auto* buffer = sticky_;
    std::string wrap_on, wrap_off = "s";
    for (const char flag : written.substr(last + 1)) {
      if (flag == 'i')
        element.caseless = true;
      else if (flag == 's')
        wrap_off.clear();
      else if (flag == 'm')
        wrap_on += 'm';
      else if (flag == 'R')
        element.relative_anywhere = true;
      else if (flag == 'A')
        element.starts = true;
      else if (flag == 'x')
        return Refused("pcre with the flag x (blanks without meaning): write the expression without them");
      else if (const auto* other = buffer_of_pcre_flag(flag))
        buffer = other;
      else if (flag != 'G' && flag != 'E' && flag != 'O' && flag != 'B' && flag != 'D')
        return Refused(fmt::format("the pcre flag '{}' is not known here", flag));
    }
    std::string expression;
    for (std::size_t i = 1; i < last; ++i) {  // \/ and \: and \; and \" need no backslash here
      if (written[i] == '\\' && i + 1 < last && std::string_view("/:;\"").contains(written[i + 1]))
        ++i;
      else if (written[i] == '\\' && i + 1 < last)
        expression += written[i++];
      expression += written[i];
    }
    if (expression.ends_with('$') && !expression.ends_with("\\$") && buffer != &whole_payload())
      expression.pop_back(), element.ends = true;
    if (expression.starts_with('^') && buffer != &whole_payload()) expression.erase(0, 1), element.starts = true;
    if (expression.starts_with('^') && element.relative_anywhere) {
      expression.erase(0, 1);
      element.relative_anywhere = false;
      element.distance = 0, element.within = 0;  // right behind the element before
    }
    if (expression.find('.') == std::string::npos) wrap_off.clear();
    if (!wrap_on.empty() || !wrap_off.empty()) {
      const bool begins = expression.starts_with('^') && wrap_on.empty();
      expression = fmt::format("{}(?{}{}{}:{})", begins ? "^" : "", wrap_on, wrap_off.empty() ? "" : "-", wrap_off,
                               begins ? expression.substr(1) : expression);
    }
    element.text = std::move(expression);
    element.negated = option.negated;
    element.caseless = element.caseless || buffer->caseless;
    read_.push_back({buffer, std::move(element)});
    return {};
  }

  // Behind a content the names of old say where that content is; today's names say it of all that follow.
  Done take_buffer(const Buffer& buffer, const Option& option) {
    const bool of_old = option.name.starts_with("http_") && !sticky_names_;
    if (!of_old) return sticky_ = &buffer, Done{};
    if (read_.empty()) return Refused(fmt::format("'{}' stands before every content", option.name));
    read_.back().buffer = &buffer;
    read_.back().element.caseless = read_.back().element.caseless || buffer.caseless;
    return {};
  }

  Done take_flowbits(const Option& option) {
    if (option.value.starts_with("set") || option.value.starts_with("unset") || option.value.starts_with("toggle")) {
      body_.notes.emplace_back("flowbits are not kept: rules that ask for this one are not carried over");
      return {};
    }
    return Refused(fmt::format("the option 'flowbits:{}': {}", option.value, kState));
  }

  Done take_threshold(const Option& option) {
    if (option.value.find("type limit") == std::string::npos)
      return Refused(fmt::format("the option 'threshold': {}", kCounts));
    body_.notes.emplace_back("the threshold is left out: alerts of one kind are added up anyway");
    return {};
  }

  Done take_dsize(const Option& option) {
    const auto size = number(option.value);
    if (!size || *size < 1 || *size > 255 || rule_.protocol != "udp")
      return Refused("the option 'dsize': only one exact size of 1 to 255 bytes of a datagram can be asked for");
    body_.exact_length = static_cast<std::uint32_t>(*size);
    return {};
  }

  // The size of a buffer, where one content fills it.
  Done take_bsize(const Option& option) {
    const bool known = !read_.empty() && read_.back().element.fixed &&
                       number(option.value) == static_cast<std::int64_t>(read_.back().element.text.size());
    if (!known) return Refused("the option 'bsize': only of a buffer that one content fills can the size be asked for");
    return read_.back().element.starts = read_.back().element.ends = true, Done{};
  }

  void place(const Buffer* buffer, const Element& element) {
    const auto before = std::ranges::find(body_.chains.rbegin(), body_.chains.rend(), buffer, &Chain::buffer);
    if (element.relative() && !element.negated && before != body_.chains.rend() && !before->elements.back().negated) {
      before->elements.push_back(element);
      return;
    }
    body_.chains.push_back({buffer, {element}});
    if (!buffer->note.empty()) {
      auto note = fmt::format("{}: {}", buffer->name, buffer->note);
      if (std::ranges::find(body_.notes, note) == body_.notes.end()) body_.notes.push_back(std::move(note));
    }
  }

  const Rule& rule_;
  bool sticky_names_ = false;  // the rule is written in the newer form, where http_uri goes before its contents
  const Buffer* sticky_ = &whole_payload();
  std::vector<Read> read_;
  Body body_;
};

}  // namespace

std::expected<Body, std::string> read_body(const Rule& rule) {
  return Reader(rule).run();
}

}  // namespace wardline::signature_import
