// From bytes to a tree of YamlNode, with yaml-cpp as the parser and nothing of its interpretation of values.
#include <sys/stat.h>
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

#include "controlplane/policy/yaml_node.h"

namespace wardline::policy {
namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;
constexpr std::size_t kMaxLevels = 64;

// Ends a parse whose problem is reported already; never leaves this file.
struct Reported : std::runtime_error {
  Reported() : std::runtime_error("reported") {}
};

// Builds the tree from the parser's events: they tell quoted from plain scalars, which YAML::Node does not, and show
// keys that stand twice, anchors and depth before any of it costs memory.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& text, std::shared_ptr<YamlReport> report) : text_(text), report_(std::move(report)) {}

  std::shared_ptr<YamlNode> root;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    check(mark, "?", anchor);
    add(make(mark, YamlNode::Kind::kNothing));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    stop(mark, "policy.yaml-alias", "aliases (*name) are not allowed: write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check(mark, tag, anchor);
    auto node = make(mark, YamlNode::Kind::kScalar);
    node->text = value;
    node->quoted = tag == "!";  // yaml-cpp's mark of a scalar that is not plain
    // yaml-cpp joins a following line without ':' to the value before it, so half a key would change a value unseen.
    if (!node->quoted && text_.compare(static_cast<std::size_t>(mark.pos), value.size(), value) != 0)
      stop(mark, "policy.yaml-lines",
           "text without quotes goes on in the next line: put it in quotes, or give the next line its 'key:'");
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(mark, tag, anchor, YamlNode::Kind::kList, style);
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(mark, tag, anchor, YamlNode::Kind::kMap, style);
  }
  void OnMapEnd() override { open_.pop_back(); }

  // What was still open when the text ended or stopped making sense; "" if nothing in brackets.
  std::string open_bracket() const {
    for (auto open = open_.rbegin(); open != open_.rend(); ++open)
      if (open->flow)
        return fmt::format("'{}' of line {}, column {}", open->node->kind == YamlNode::Kind::kMap ? '{' : '[',
                           open->node->line, open->node->column);
    return "";
  }
  int last_line() const { return last_line_; }

 private:
  struct Open {
    std::shared_ptr<YamlNode> node;
    bool flow = false;
    std::optional<YamlNode::Entry> pending;  // a map's key that waits for its value
  };

  std::shared_ptr<YamlNode> make(const YAML::Mark& mark, YamlNode::Kind kind) {
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    node->line = last_line_ = mark.line + 1;
    node->column = mark.column + 1;
    node->report = report_;
    return node;
  }

  [[noreturn]] void stop(const YAML::Mark& mark, std::string code, std::string what) {
    report_->add({report_->file, mark.line + 1, mark.column + 1}, std::move(code), std::move(what));
    throw Reported();
  }

  void check(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor)
      stop(mark, "policy.yaml-alias", "anchors (&name) are not allowed: write the value where it is needed");
    if (!tag.empty() && tag != "?" && tag != "!")
      stop(mark, "policy.yaml-tag", fmt::format("the tag '{}' is not allowed: write the plain value", tag));
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode::Kind kind,
            YAML::EmitterStyle::value style) {
    check(mark, tag, anchor);
    if (open_.size() >= kMaxLevels)
      stop(mark, "policy.yaml-depth", fmt::format("nested deeper than {} levels", kMaxLevels));
    auto node = make(mark, kind);
    add(node);
    open_.push_back({std::move(node), style == YAML::EmitterStyle::Flow, std::nullopt});
  }

  void add(std::shared_ptr<YamlNode> node) {
    if (open_.empty()) {
      root = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node->kind == YamlNode::Kind::kList) {
      parent.node->items.push_back(std::move(node));
    } else if (parent.pending) {
      parent.pending->value = std::move(node);
      keep(parent);
    } else {
      parent.pending = key_of(*node);
    }
  }

  YamlNode::Entry key_of(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kScalar) {
      // yaml-cpp also takes a bracket that is never closed for the begin of a key.
      report_->add(node.at(), "policy.yaml-key",
                   fmt::format("expected a word as a key, found {}. Is its bracket closed, or is the file cut off?",
                               node.described()));
      throw Reported();
    }
    return {node.text, node.at(), nullptr};
  }

  void keep(Open& parent) {
    auto& entries = parent.node->entries;
    for (const auto& former : entries) {
      if (former.key != parent.pending->key) continue;
      report_->add(parent.pending->key_at, "policy.double-key",
                   fmt::format("'{}' stands here for the second time; the first is in line {}. Keep one of them",
                               former.key, former.key_at.line));
      parent.pending.reset();
      return;
    }
    entries.push_back(std::move(*parent.pending));
    parent.pending.reset();
  }

  const std::string& text_;
  std::shared_ptr<YamlReport> report_;
  std::vector<Open> open_;
  int last_line_ = 1;
};

// yaml-cpp's words say what its parser missed; these say what to do.
std::string in_words(const YAML::ParserException& fault, const TreeBuilder& builder) {
  const std::string& said = fault.msg;
  const std::string open = builder.open_bracket();
  const auto is = [&](const char* message) { return said.find(message) != std::string::npos; };
  if (is(YAML::ErrorMsg::END_OF_MAP_FLOW) || is(YAML::ErrorMsg::END_OF_SEQ_FLOW) || is(YAML::ErrorMsg::FLOW_END))
    return open.empty() ? "a bracket is closed that was not opened"
                        : fmt::format("the {} is not closed here, or a comma is missing; is the file cut off?", open);
  if (is(YAML::ErrorMsg::EOF_IN_SCALAR) || is(YAML::ErrorMsg::DOC_IN_SCALAR))
    return fmt::format("a quote is opened after line {} and never closed; is the file cut off?", builder.last_line());
  if (is(YAML::ErrorMsg::MAP_VALUE) || is(YAML::ErrorMsg::MAP_KEY))
    return "a ':' where no key can end: check the indentation and whether text with ': ' in it needs quotes";
  if (is(YAML::ErrorMsg::END_OF_MAP) || is(YAML::ErrorMsg::END_OF_SEQ))
    return "expected another 'key: value' or '- item' of the same indentation; check the indentation, a key without "
           "':' and whether the file is cut off";
  return fmt::format("not readable as YAML ({})", said);
}

bool continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// Length of the UTF-8 character at `at`, 0 if it is none (overlong forms and surrogates are left to yaml-cpp).
std::size_t utf8_length(const std::string& text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
  for (std::size_t i = 1; i < length; ++i)
    if (at + i >= text.size() || !continuation(text[at + i])) return 0;
  return length;
}

// Characters that an editor hides or that YAML forbids are refused before the parser stumbles over what follows.
bool plain_text(const std::string& text, YamlReport& report) {
  int line = 1, column = 1;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    const char c = text[at];
    const bool line_end = c == '\n' || (c == '\r' && at + 1 < text.size() && text[at + 1] == '\n');
    const Location here{report.file, line, column};
    if (at == 0 && text.starts_with("\xef\xbb\xbf"))
      return report.add(here, "policy.yaml-text", "a byte order mark; save the file as UTF-8 without it"), false;
    if (length == 0) return report.add(here, "policy.yaml-text", "not UTF-8 text"), false;
    if (c == '\t')
      return report.add(here, "policy.yaml-tab", "a tab; indent with spaces, write \\t in a pattern"), false;
    if (!line_end && (static_cast<unsigned char>(c) < 0x20 || c == 0x7f))
      return report.add(here, "policy.yaml-text", fmt::format("a control character (0x{:02x})", static_cast<int>(c))),
             false;
    at += length;
    column = c == '\n' ? 1 : column + static_cast<int>(length);
    line += c == '\n';
  }
  return true;
}

bool build(const std::string& text, TreeBuilder& builder, YamlReport& report) {
  const auto at = [&](const YAML::Mark& mark) { return Location{report.file, mark.line + 1, mark.column + 1}; };
  try {
    std::istringstream in(text);
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(builder) || !builder.root || builder.root->kind == YamlNode::Kind::kNothing) {
      report.add({report.file, 1, 1}, "policy.empty-file", "the file is empty; expected 'key: value' lines");
      return false;
    }
    const auto first = builder.root;
    if (parser.HandleNextDocument(builder)) {
      report.add(builder.root->at(), "policy.yaml-document", "a second document starts; a file holds one");
      return false;
    }
    builder.root = first;
    return true;
  } catch (const Reported&) {
  } catch (const YAML::ParserException& fault) {
    report.add(at(fault.mark), "policy.yaml-syntax", in_words(fault, builder));
  } catch (const YAML::Exception& fault) {
    report.add(at(fault.mark), "policy.yaml-syntax", fmt::format("not readable as YAML ({})", fault.msg));
  } catch (const std::exception& fault) {
    report.add({report.file, 1, 1}, "policy.yaml-syntax", fmt::format("not readable as YAML ({})", fault.what()));
  }
  return false;
}

}  // namespace

std::optional<YamlDocument> YamlDocument::parse(std::string text, const std::string& shown, Errors& errors) {
  auto report = std::make_shared<YamlReport>();
  report->file = shown;
  report->errors = &errors;
  if (text.size() > kMaxFileBytes) {
    report->add({shown, 1, 1}, "policy.file-size",
                fmt::format("the file has {} bytes; at most {} are read (1 MiB)", text.size(), kMaxFileBytes));
    return std::nullopt;
  }
  if (!plain_text(text, *report)) return std::nullopt;
  // yaml-cpp takes the end of the text for the end of a quoted scalar if it meets it at the begin of a line. It is no
  // longer there after this, and outside quotes it is a comment.
  text += "\n#end";
  TreeBuilder builder(text, report);
  if (!build(text, builder, *report)) return std::nullopt;
  YamlDocument document;
  document.root_ = YamlValue(builder.root);
  return document;
}

std::optional<YamlDocument> YamlDocument::load(const std::string& path, const std::string& shown, Errors& errors) {
  const auto refuse = [&](std::string code, std::string what) {
    errors.push_back({std::move(code), Location{shown, 1, 1}.text(), std::move(what)});
    return std::nullopt;
  };
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0)
    return refuse("policy.file-missing", fmt::format("cannot be read: {}", std::strerror(errno)));
  if (!S_ISREG(info.st_mode)) return refuse("policy.file-kind", "expected a file, found something else");
  if (static_cast<std::uint64_t>(info.st_size) > kMaxFileBytes)
    return refuse("policy.file-size",
                  fmt::format("the file has {} bytes; at most {} are read (1 MiB)", info.st_size, kMaxFileBytes));
  std::ifstream in(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  if (!in.read(text.data(), info.st_size))
    return refuse("policy.file-missing", fmt::format("cannot be read: {}", std::strerror(errno)));
  const std::size_t before = errors.size();
  const bool cut = !text.empty() && text.back() != '\n';
  const auto lines = static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  const auto last_column =
      static_cast<int>(text.size() - (text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n')));
  auto document = parse(std::move(text), shown, errors);
  if (cut && errors.size() == before) {
    errors.push_back(
        {"policy.file-cut", Location{shown, lines + 1, last_column}.text(),
         "the file does not end with a newline: it seems to be cut off. Restore it, or end its last line"});
    return std::nullopt;
  }
  return document;
}

YamlValue YamlDocument::root() const {
  return root_;
}

}  // namespace wardline::policy
