#include "env_forms.hpp"

#include <toolkit/base/secret.hpp>
#include <toolkit/base/text.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace toolkit::commands {
namespace {

using environment::Form;

using Pairs = std::vector<std::pair<std::string, std::string>>;

// Entries without '=' are no variables; of two with one name the first counts, as for getenv(3).
Pairs whole_environment(const Situation& situation) {
  environment::Snapshot snapshot(environ);
  apply(situation.exports, snapshot);
  Pairs pairs;
  for (const char* const* entry = snapshot.as_envp(); *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=', 1);
    const std::string name(text.substr(0, equals));
    if (equals != std::string_view::npos &&
        std::ranges::find(pairs, name, &Pairs::value_type::first) == pairs.end()) {
      pairs.emplace_back(name, text.substr(equals + 1));
    }
  }
  return pairs;
}

Pairs exports_only(const Situation& situation) {
  Pairs pairs;
  for (const cluster::Export& made : situation.exports.all) {
    pairs.emplace_back(made.name, made.kept.value_or(made.value));
  }
  return pairs;
}

std::string why_left_out(std::string_view name, std::string_view value, bool show_secrets,
                         const std::optional<std::string>& line) {
  if (!environment::is_variable_name(name)) {
    return "no name that a shell takes";
  }
  if (!show_secrets && (is_secret_name(name) || mask_secrets(value) != value)) {
    return "secret, --show-secrets has it";
  }
  return line ? "" : "this form cannot carry its value";
}

std::string masked(std::string_view name, std::string_view value, bool show_secrets) {
  return printable(show_secrets           ? std::string(value)
                   : is_secret_name(name) ? "***"
                                          : mask_secrets(value));
}

}  // namespace

Written assignments(const Situation& situation, Form form, bool all, bool show_secrets) {
  Written written;
  for (const auto& [name, value] : all ? whole_environment(situation) : exports_only(situation)) {
    const auto line = environment::assignment_line(form, name, value);
    if (const auto why = why_left_out(name, value, show_secrets, line); !why.empty()) {
      written.left_out.push_back(fmt::format("{}: {}", printable(name), why));
    } else {
      written.text += *line + '\n';
    }
  }
  return written;
}

std::string explain(const Situation& situation, const std::string& name, bool show_secrets) {
  const auto made = std::ranges::find(situation.exports.all, name, &cluster::Export::name);
  if (made != situation.exports.all.end()) {
    const std::string value = masked(name, made->kept.value_or(made->value), show_secrets);
    return fmt::format("{}={}\n  {}\n", name, value,
                       mask_secrets(fmt::format("{}", fmt::join(made->chain, "\n  "))));
  }
  const auto set = variable(name);
  std::string text = set ? fmt::format("{}={}\n  set by the environment, and left as it is\n", name,
                                       masked(name, *set, show_secrets))
                         : fmt::format("{} is not set\n", printable(name));
  for (const auto& [unset, why] : situation.exports.unset) {
    if (unset == name) {
      text += fmt::format("  no value of ours: {}\n", why);
    }
  }
  return text;
}

}  // namespace toolkit::commands
