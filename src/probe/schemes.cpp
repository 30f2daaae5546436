#include "schemes.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <vector>

namespace toolkit::probe {
namespace {

struct Scheme {
  std::string_view name;
  Made (*make)(const condition::Leaf&, const Settings&);
};

constexpr auto kSchemes = std::to_array<Scheme>({
    {"barrier", make_barrier},     {"disk", make_disk},         {"dns", make_dns},
    {"exec", make_exec},           {"file", make_file},         {"gpu-free", make_gpu_free},
    {"http", make_http},           {"https", make_http},        {"job", make_job},
    {"join", make_join},           {"log", make_log},           {"memory", make_memory},
    {"mount", make_mount},         {"mysql", make_mysql},       {"pid", make_pid},
    {"port-free", make_port_free}, {"postgres", make_postgres}, {"postgresql", make_postgres},
    {"redis", make_redis},         {"store", make_store},       {"tcp", make_tcp},
    {"unix", make_unix},
});

// `db:5432` lacks a scheme; `htp:` is a slip.
std::string what_was_meant(const condition::Leaf& leaf) {
  const std::string& target = leaf.target.text;
  if (!target.empty() && target.find_first_not_of("0123456789") == std::string::npos) {
    return fmt::format("did you mean tcp://{}:{}?", printable(leaf.scheme.text), target);
  }
  std::vector<std::string_view> names;
  for (const Scheme& scheme : kSchemes) {
    names.push_back(scheme.name);
  }
  const std::string_view close = nearest(leaf.scheme.text, names);
  return close.empty() ? "toolkit wait --help, or toolkit man wait"
                       : fmt::format("did you mean {}:?", close);
}

}  // namespace

tl::unexpected<condition::Mistake> mistake(const condition::Leaf& leaf, const condition::Piece& at,
                                           std::string message, std::string remedy) {
  return tl::unexpected(condition::Mistake{std::move(message), std::move(remedy), leaf.operand,
                                           at.offset, std::max<std::size_t>(at.length, 1)});
}

std::optional<condition::Mistake> unknown_parameter(const condition::Leaf& leaf,
                                                    std::initializer_list<std::string_view> known) {
  for (const condition::Parameter& parameter : leaf.parameters) {
    if (std::ranges::find(known, parameter.key.text) == known.end()) {
      std::string names;
      for (const std::string_view name : known) {
        names += (names.empty() ? "" : ", ") + std::string(name);
      }
      return mistake(
                 leaf, parameter.key,
                 fmt::format("{}: has no '{}'", leaf.scheme.text, printable(parameter.key.text)),
                 names.empty() ? "it takes nothing beside its target" : "it knows " + names)
          .value();
    }
  }
  return std::nullopt;
}

Made make_probe(const condition::Leaf& leaf, const Settings& settings) {
  const auto found = std::ranges::find(kSchemes, std::string_view(leaf.scheme.text), &Scheme::name);
  if (found == kSchemes.end()) {
    return mistake(
        leaf, leaf.scheme,
        fmt::format("'{}' is nothing that can be waited for", printable(leaf.scheme.text)),
        what_was_meant(leaf));
  }
  return found->make(leaf, settings);
}

}  // namespace toolkit::probe
