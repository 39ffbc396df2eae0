#include "controlplane/policy/yaml_tree.h"

#include <yaml.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

namespace wardline::policy {
namespace {

constexpr std::size_t kMaxLevels = 64;

// libyaml's parser over a text that outlives it.
class Parser {
 public:
  explicit Parser(const std::string& text) {
    ready_ = yaml_parser_initialize(&parser_) == 1;
    if (ready_)
      yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  ~Parser() {
    if (ready_) yaml_parser_delete(&parser_);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  bool next(yaml_event_t& event) { return ready_ && yaml_parser_parse(&parser_, &event) == 1; }
  const yaml_parser_t& fault() const { return parser_; }

 private:
  yaml_parser_t parser_{};
  bool ready_ = false;
};

struct Event : yaml_event_t {
  Event() : yaml_event_t{} {}
  ~Event() { yaml_event_delete(this); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
};

std::string_view text_of(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

int line_of(const yaml_mark_t& mark) {
  return static_cast<int>(mark.line) + 1;
}
int column_of(const yaml_mark_t& mark) {
  return static_cast<int>(mark.column) + 1;
}

bool says_nothing(std::string_view plain) {
  constexpr std::array<std::string_view, 5> kWords{"", "~", "null", "Null", "NULL"};
  return std::ranges::find(kWords, plain) != kWords.end();
}

// Every function gives false after it has reported why the document ends here.
class TreeBuilder {
 public:
  explicit TreeBuilder(const std::shared_ptr<YamlReport>& report) : report_(report) {}

  bool take(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_DOCUMENT_START_EVENT:
        return begin_document();
      case YAML_ALIAS_EVENT:
        return stop(event.start_mark, "policy.yaml-alias", "aliases (*name) are not allowed: write the value out");
      case YAML_SCALAR_EVENT:
        return scalar(event);
      case YAML_SEQUENCE_START_EVENT:
        return open(event, YamlNode::Kind::kList, event.data.sequence_start.anchor, event.data.sequence_start.tag,
                    event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
      case YAML_MAPPING_START_EVENT:
        return open(event, YamlNode::Kind::kMap, event.data.mapping_start.anchor, event.data.mapping_start.tag,
                    event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        open_.pop_back();
        return true;
      default:
        return true;
    }
  }

  // The innermost bracket that is still open; "" if none is.
  std::string open_bracket() const {
    if (open_.empty() || !open_.back().bracket) return "";
    const auto& node = *open_.back().node;
    return fmt::format("'{}' of line {}, column {}", node.kind == YamlNode::Kind::kMap ? '{' : '[', node.line,
                       node.column);
  }

  std::shared_ptr<const YamlNode> document() const {
    if (root_ && root_->kind != YamlNode::Kind::kNothing) return root_;
    report_->add({report_->file, 1, 1}, "policy.empty-file", "the file is empty; expected 'key: value' lines");
    return nullptr;
  }

 private:
  struct Open {
    std::shared_ptr<YamlNode> node;
    bool bracket = false;                               // written as [...] or {...}
    std::optional<YamlNode::Entry> pending;             // a map's key that waits for its value
    std::unordered_map<std::string, std::size_t> keys;  // of a map with many: where among its entries each is
  };

  bool stop(const yaml_mark_t& mark, std::string code, std::string what) {
    report_->add({report_->file, line_of(mark), column_of(mark)}, std::move(code), std::move(what));
    return false;
  }

  bool begin_document() {
    if (!root_) return true;
    report_->add(root_->at(), "policy.yaml-document", "a second document starts; a file holds one");
    return false;
  }

  bool plain_node(const yaml_mark_t& mark, const yaml_char_t* anchor, const yaml_char_t* tag) {
    if (anchor != nullptr)
      return stop(mark, "policy.yaml-alias", "anchors (&name) are not allowed: write the value where it is needed");
    if (tag != nullptr)
      return stop(mark, "policy.yaml-tag",
                  fmt::format("the tag '{}' is not allowed: write the plain value", text_of(tag)));
    return true;
  }

  std::shared_ptr<YamlNode> make(const yaml_mark_t& mark, YamlNode::Kind kind) const {
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    node->line = line_of(mark);
    node->column = column_of(mark);
    node->report = report_;
    return node;
  }

  bool scalar(const yaml_event_t& event) {
    const auto& read = event.data.scalar;
    if (!plain_node(event.start_mark, read.anchor, read.tag)) return false;
    const bool quoted = read.style != YAML_PLAIN_SCALAR_STYLE;
    const std::string_view text(reinterpret_cast<const char*>(read.value), read.length);
    if (!quoted && says_nothing(text)) return add(make(event.start_mark, YamlNode::Kind::kNothing));
    // YAML joins a following line without ':' to the value before it, so half a key would change a value unseen.
    if (!quoted && event.end_mark.line != event.start_mark.line)
      return stop(event.start_mark, "policy.yaml-lines",
                  "text without quotes goes on in the next line: put it in quotes, or give the next line its 'key:'");
    auto node = make(event.start_mark, YamlNode::Kind::kScalar);
    node->text = text;
    node->quoted = quoted;
    return add(std::move(node));
  }

  bool open(const yaml_event_t& event, YamlNode::Kind kind, const yaml_char_t* anchor, const yaml_char_t* tag,
            bool bracket) {
    if (!plain_node(event.start_mark, anchor, tag)) return false;
    if (open_.size() >= kMaxLevels)
      return stop(event.start_mark, "policy.yaml-depth", fmt::format("nested deeper than {} levels", kMaxLevels));
    auto node = make(event.start_mark, kind);
    if (!add(node)) return false;
    open_.push_back({std::move(node), bracket, std::nullopt, {}});
    return true;
  }

  bool add(std::shared_ptr<YamlNode> node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return true;
    }
    Open& parent = open_.back();
    if (parent.node->kind == YamlNode::Kind::kList) {
      parent.node->items.push_back(std::move(node));
      return true;
    }
    if (!parent.pending) return begin_entry(parent, *node);
    parent.pending->value = std::move(node);
    keep(parent);
    return true;
  }

  bool begin_entry(Open& parent, const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kScalar) {
      report_->add(node.at(), "policy.yaml-key",
                   fmt::format("expected a word as a key, found {}. Is its bracket closed, or is the file cut off?",
                               node.described()));
      return false;
    }
    parent.pending = {node.text, node.at(), nullptr};
    return true;
  }

  // Up to some keys a search costs less than an index.
  static const YamlNode::Entry* known(Open& map, const std::string& key) {
    constexpr std::size_t kFew = 32;
    const auto& entries = map.node->entries;
    if (entries.size() <= kFew) {
      const auto found = std::ranges::find(entries, key, &YamlNode::Entry::key);
      return found == entries.end() ? nullptr : &*found;
    }
    for (auto i = map.keys.size(); i < entries.size(); ++i) map.keys.emplace(entries[i].key, i);
    const auto found = map.keys.find(key);
    return found == map.keys.end() ? nullptr : &entries[found->second];
  }

  void keep(Open& parent) {
    const auto* former = known(parent, parent.pending->key);
    if (former == nullptr)
      parent.node->entries.push_back(std::move(*parent.pending));
    else
      report_->add(parent.pending->key_at, "policy.double-key",
                   fmt::format("'{}' stands here for the second time; the first is in line {}. Keep one of them",
                               former->key, former->key_at.line));
    parent.pending.reset();
  }

  std::shared_ptr<YamlReport> report_;
  std::shared_ptr<YamlNode> root_;
  std::vector<Open> open_;
};

std::string not_readable(const yaml_parser_t& fault) {
  const std::string_view problem = fault.problem == nullptr ? "unknown" : fault.problem;
  return fault.context == nullptr ? fmt::format("not readable as YAML ({})", problem)
                                  : fmt::format("not readable as YAML ({}, {})", fault.context, problem);
}

// libyaml's words say what its parser missed; these say what to do.
std::string in_words(const yaml_parser_t& fault, const std::string& open_bracket) {
  const std::string_view problem = fault.problem == nullptr ? "" : fault.problem;
  const std::string_view context = fault.context == nullptr ? "" : fault.context;
  if (context.contains("quoted scalar") && problem.contains("unexpected end of stream"))
    return fmt::format("the quote of line {}, column {} is never closed; is the file cut off?",
                       line_of(fault.context_mark), column_of(fault.context_mark));
  if (fault.error == YAML_PARSER_ERROR && !open_bracket.empty())
    return fmt::format("the {} is not closed here, or a comma is missing; is the file cut off?", open_bracket);
  if (problem.contains("mapping values are not allowed"))
    return "a ':' where no key can end: check the indentation and whether text with ': ' in it needs quotes";
  if (context.contains("simple key") || context.contains("block mapping") || context.contains("block collection"))
    return "expected another 'key: value' or '- item' of the same indentation; check the indentation, a key without "
           "':' and whether the file is cut off";
  if (problem.contains("cannot start any token")) return "text that begins with this character needs quotes";
  if (context.contains("block node"))
    return "expected a value; is a bracket closed here that was not opened, or does text need quotes?";
  return not_readable(fault);
}

void report_fault(const yaml_parser_t& fault, const std::string& text, const std::string& open_bracket,
                  YamlReport& report) {
  if (fault.error == YAML_READER_ERROR) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(fault.problem_offset, text.size()));
    report.add({report.file, static_cast<int>(std::count(text.begin(), end, '\n')) + 1, 1}, "policy.yaml-text",
               not_readable(fault));
    return;
  }
  // A key without ':' is missed at the next line; it stands where it began.
  const std::string_view context = fault.context == nullptr ? "" : fault.context;
  const auto& mark = context.contains("simple key") ? fault.context_mark : fault.problem_mark;
  report.add({report.file, line_of(mark), column_of(mark)}, "policy.yaml-syntax", in_words(fault, open_bracket));
}

}  // namespace

std::shared_ptr<const YamlNode> parse_tree(const std::string& text, const std::shared_ptr<YamlReport>& report) {
  Parser parser(text);
  TreeBuilder builder(report);
  for (;;) {
    Event event;
    if (!parser.next(event)) {
      report_fault(parser.fault(), text, builder.open_bracket(), *report);
      return nullptr;
    }
    if (event.type == YAML_STREAM_END_EVENT) return builder.document();
    if (!builder.take(event)) return nullptr;
  }
}

}  // namespace wardline::policy
