// Reads trees and rules from stdin and says what would be transferred, for the lab that asks rsync
// the same. One command a line, fields separated by tabs, bytes outside of [A-Za-z0-9._/-] as %XX:
//   tree | d KEY | f KEY BYTES | l KEY TARGET   a new tree, and what is in it
//   rules | root PATH | only NAME | file PATH BYTES | rule FORM TEXT
//   walk | prune | explain KEY                  answers, and a line "."
#include <toolkit/selection/explain.hpp>
#include <toolkit/selection/pruner.hpp>
#include <toolkit/selection/walk.hpp>

#include <fmt/core.h>
#include <tests/support/memory_store.hpp>

#include <iostream>
#include <map>
#include <string>
#include <vector>

using toolkit::selection::Filter;
using toolkit::selection::RuleText;

namespace {

std::string decoded(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '%' && i + 2 < text.size();
    bytes += escaped ? static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16)) : text[i];
    i += escaped ? 2 : 0;
  }
  return bytes;
}

std::string encoded(const std::string& bytes) {
  const std::string plain = "._/-";
  std::string text;
  for (const char c : bytes) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || plain.find(c) != std::string::npos;
    text += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return text;
}

struct Case : toolkit::selection::RuleReader {
  std::unique_ptr<toolkit::support::MemoryStore> tree;
  std::map<std::string, std::string> files;
  std::vector<RuleText> rules;
  std::string root;
  toolkit::selection::WalkOptions options;

  toolkit::Result<std::string> read_file(const std::string& path) override {
    const auto found = files.find(path);
    if (found != files.end()) {
      return found->second;
    }
    if (!root.empty() && path.compare(0, root.size() + 1, root + "/") == 0) {
      return read_in_tree(path.substr(root.size() + 1));
    }
    return toolkit::fail(toolkit::ErrorKind::not_found, "no " + path);
  }
  toolkit::Result<std::string> read_in_tree(const std::string& key) override {
    if (!tree->holds(key)) {
      return toolkit::fail(toolkit::ErrorKind::not_found, "no " + key);
    }
    return tree->bytes_of(key);
  }
};

RuleText::Form form_of(const std::string& name) {
  using Form = RuleText::Form;
  const std::map<std::string, Form> forms = {{"include", Form::include},
                                             {"exclude", Form::exclude},
                                             {"filter", Form::filter},
                                             {"include-from", Form::include_from},
                                             {"exclude-from", Form::exclude_from}};
  return forms.at(name);
}

void print_error(const toolkit::Error& error) {
  fmt::print("!\t{}\t{}\n", static_cast<int>(error.kind), encoded(error.message));
}

void print_walk(Case& given, const Filter& filter, bool prunes) {
  const auto walk = toolkit::selection::Walk::of(*given.tree, filter, given, given.options);
  toolkit::selection::Pruner pruner;
  while (true) {
    const auto directory = walk->next();
    if (!directory) {
      print_error(directory.error());
      continue;
    }
    if (!*directory) {
      return;
    }
    for (const std::string& key : prunes ? pruner.needed(**directory) : (*directory)->directories) {
      fmt::print("d\t{}\n", encoded(key));
    }
    for (const auto& file : (*directory)->files) {
      fmt::print("f\t{}\n", encoded(file.key));
    }
  }
}

void print_explanation(Case& given, const Filter& filter, const std::string& key) {
  const auto explained =
      toolkit::selection::explain(*given.tree, filter, given, given.options, key);
  if (!explained) {
    print_error(explained.error());
    return;
  }
  fmt::print("{}\t{}\t{}\t{}\n", explained->included ? '+' : '-', encoded(explained->key),
             encoded(explained->verdict.rule), encoded(explained->why));
}

void answer(Case& given, const std::string& command, const std::string& key) {
  const auto filter = Filter::make(given.rules, given, given.root);
  if (!filter) {
    print_error(filter.error());
  } else if (command == "explain") {
    print_explanation(given, *filter, key);
  } else {
    print_walk(given, *filter, command == "prune");
  }
  fmt::print(".\n");
}

void obey(Case& given, const std::string& command, const std::string& first,
          const std::string& second) {
  if (command == "tree") {
    given.tree = std::make_unique<toolkit::support::MemoryStore>();
  } else if (command == "d") {
    given.tree->add_directory(first);
  } else if (command == "f") {
    given.tree->add_file(first, second);
  } else if (command == "l") {
    given.tree->add_link(first, second);
  } else if (command == "rules") {
    given.rules.clear();
    given.files.clear();
    given.options = {};
    given.options.root = given.root;
  } else if (command == "root") {
    given.root = given.options.root = first;
  } else if (command == "only") {
    given.options.only = first;
  } else if (command == "file") {
    given.files[first] = second;
  } else if (command == "rule") {
    given.rules.push_back({form_of(first), second});
  } else {
    answer(given, command, first);
  }
}

}  // namespace

int main() {
  Case given;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::vector<std::string> fields;
    for (std::size_t at = 0; at != std::string::npos;) {
      const std::size_t tab = line.find('\t', at);
      fields.push_back(decoded(line.substr(at, tab - at)));
      at = tab == std::string::npos ? tab : tab + 1;
    }
    fields.resize(3);
    obey(given, fields[0], fields[1], fields[2]);
  }
}
