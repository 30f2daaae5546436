#include "check_gpu_explain.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/diagnosis/rule.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace toolkit::commands {
namespace {

using diagnosis::Rule;

constexpr std::size_t kColumns = 80;

std::string wrapped(std::string_view text) {
  std::string out, line;
  for (const std::string_view word : split(text, ' ')) {
    if (!line.empty() && line.size() + 1 + word.size() > kColumns) {
      out += line + '\n';
      line.clear();
    }
    line += (line.empty() ? "" : " ") + std::string(word);
  }
  return out + line + '\n';
}

std::string list_rules(std::span<const Rule> rules) {
  std::size_t width = 0;
  for (const Rule& rule : rules) {
    width = std::max(width, rule.id.size());
  }
  std::string text;
  for (const Rule& rule : rules) {
    text += fmt::format("{:<{}}  {}\n", rule.id, width, rule.question);
  }
  return text;
}

Failure unknown_rule(std::string_view id, std::span<const Rule> rules) {
  std::vector<std::string_view> ids, family;
  for (const Rule& rule : rules) {
    ids.push_back(rule.id);
    if (rule.id.starts_with(id.substr(0, id.find('.')))) {
      family.push_back(rule.id);
    }
  }
  const std::string_view close = nearest(id, ids);
  return fail(ErrorKind::usage, fmt::format("--explain: no check '{}'", printable(id)),
              !close.empty()    ? fmt::format("--explain {}", close)
              : !family.empty() ? fmt::format("one of {}", fmt::join(family, ", "))
                                : "--explain all");
}

}  // namespace

Result<std::string> explain_rule(const std::string& id) {
  const auto rules = diagnosis::all_rules();
  if (id == "all") {
    return list_rules(rules);
  }
  const auto rule = std::ranges::find(rules, id, &Rule::id);
  if (rule == rules.end()) {
    return unknown_rule(id, rules);
  }
  std::string text = fmt::format("{}: {}\n\n{}", rule->id, rule->question, wrapped(rule->explains));
  if (!rule->needs.empty()) {
    text +=
        fmt::format("\nMeans nothing where these have failed: {}\n", fmt::join(rule->needs, ", "));
  }
  if (const std::string_view acts = diagnosis::who_acts(rule->id); !acts.empty()) {
    text += "\nWho acts, and how:\n";
    for (const std::string_view one : split(acts, '|')) {
      text += fmt::format("  {}\n", one);
    }
  }
  return text + fmt::format("\nFrom: {}\n", rule->source);
}

}  // namespace toolkit::commands
