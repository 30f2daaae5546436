#include "account.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/format.h>

#include <limits>

namespace toolkit::cluster {
namespace {

/// Of whom a field speaks when a provider of this scope says it.
Scope scope_of(Field field, Scope provider) {
  switch (field) {
    case Field::rank:
    case Field::local_rank:
      return Scope::process;
    case Field::local_world_size:
    case Field::node_rank:
      return Scope::node;
    case Field::role:
    case Field::restart_count:
      return provider;
    default:
      return Scope::job;
  }
}

bool is_number(Field field) {
  switch (field) {
    case Field::master_addr:
    case Field::nodes:
    case Field::job_id:
    case Field::job_name:
    case Field::role:
      return false;
    default:
      return true;
  }
}

/// Sizes are at least 1, and so is a port.
bool is_size(Field field) {
  return field == Field::world_size || field == Field::local_world_size ||
         field == Field::node_count || field == Field::master_port;
}

std::string shown(std::string_view text) {
  constexpr std::size_t kShown = 200;
  return printable(text.substr(0, kShown)) + (text.size() > kShown ? "…" : "");
}

}  // namespace

std::optional<std::string_view> Account::text(std::string_view variable) const {
  const auto text = surroundings_.variable(variable);
  return text && !text->empty() ? text : std::nullopt;
}

std::optional<std::uint32_t> Account::number(std::string_view variable) {
  const auto said = text(variable);
  if (!said) {
    return std::nullopt;
  }
  const auto number = parse_whole(trim(*said));
  if (!number || *number > std::numeric_limits<std::int32_t>::max()) {
    trouble(fmt::format("{}: no whole number", source(variable)));
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(*number);
}

std::string Account::source(std::string_view variable) const {
  return fmt::format("{}={}", variable, shown(surroundings_.variable(variable).value_or("")));
}

bool Account::say(Field field, std::string_view variable) {
  const auto said = text(variable);
  if (!said) {
    return false;
  }
  if (!is_number(field)) {
    set(field, std::string(*said), {source(variable)});
    return true;
  }
  const auto value = number(variable);
  if (!value) {
    lacks(field, fmt::format("{} is no whole number", source(variable)));
    return false;
  }
  constexpr std::uint32_t kLastPort = 65'535;
  if ((is_size(field) && *value == 0) || (field == Field::master_port && *value > kLastPort)) {
    trouble(fmt::format("{}: no {}", source(variable), field_name(field)));
    lacks(field, fmt::format("{} cannot be", source(variable)));
    return false;
  }
  set(field, fmt::format("{}", *value), {source(variable)});
  return true;
}

void Account::say(std::initializer_list<Said> all) {
  for (const auto& [field, variable] : all) {
    say(field, variable);
  }
}

void Account::say_as_torch() {
  say({{Field::rank, "RANK"},
       {Field::world_size, "WORLD_SIZE"},
       {Field::local_rank, "LOCAL_RANK"},
       {Field::local_world_size, "LOCAL_WORLD_SIZE"},
       {Field::node_rank, "NODE_RANK"},
       {Field::master_addr, "MASTER_ADDR"},
       {Field::master_port, "MASTER_PORT"}});
}

void Account::say_first(Field field, std::initializer_list<std::string_view> variables) {
  for (const auto variable : variables) {
    if (text(variable)) {
      say(field, variable);
      return;
    }
  }
}

void Account::say_endpoint(std::string_view variable) {
  const auto said = text(variable);
  const auto [host, port] = host_and_port(said.value_or(""));
  if (host.empty()) {
    return;
  }
  compose(Field::master_addr, host, {source(variable)}, "without its port");
  constexpr std::int64_t kLastPort = 65'535;
  if (const auto number = parse_whole(port); number && *number > 0 && *number <= kLastPort) {
    compose(Field::master_port, port, {source(variable)}, "the port of the address");
  } else if (!port.empty()) {
    trouble(fmt::format("{}: no master_port", source(variable)));
  }
}

void Account::set(Field field, std::string text, std::vector<std::string> sources) {
  put(field, {std::move(text),
              scope_of(field, scope_),
              Confidence::said,
              std::string(provider_),
              std::move(sources),
              {}});
}

void Account::compose(Field field, std::string text, std::vector<std::string> sources,
                      std::string rule) {
  put(field, {std::move(text), scope_of(field, scope_), Confidence::composed,
              std::string(provider_), std::move(sources), std::move(rule)});
}

void Account::lacks(Field field, std::string why) {
  missing[static_cast<std::size_t>(field)] = std::move(why);
}

void Account::say_nodes(const std::vector<std::string>& names, const std::string& source) {
  if (names.empty()) {
    return;
  }
  set(Field::nodes, fmt::format("{}", fmt::join(names, ",")), {source});
  compose(Field::master_addr, names.front(), {source}, "the first node of the list");
}

void Account::put(Field field, Value value) {
  missing[static_cast<std::size_t>(field)].clear();
  values[static_cast<std::size_t>(field)] = std::move(value);
}

std::pair<std::string, std::string> host_and_port(std::string_view text) {
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    const auto behind = close == text.npos ? std::string_view() : text.substr(close + 1);
    return {std::string(text.substr(1, close == text.npos ? close : close - 1)),
            std::string(behind.starts_with(':') ? behind.substr(1) : "")};
  }
  const auto colon = text.find(':');
  if (colon == text.npos || text.find(':', colon + 1) != text.npos) {  // an IPv6 address has more
    return {std::string(text), ""};
  }
  return {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

}  // namespace toolkit::cluster
