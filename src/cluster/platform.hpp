#pragma once
// A platform is one file in platforms/ and one row of the table in platforms.cpp.

#include "account.hpp"

namespace toolkit::cluster {

struct Platform {
  std::string_view name;   // of --provider, and in the output
  std::string_view title;  // for people
  Scope scope;             // process: it says who this process is; node: who this pod or host is
  /// What gives it away, "" when it is not there.
  std::string_view (*detect)(const Surroundings& surroundings);
  void (*read)(Account& account);
};

/// All of them. Within a scope the first that is there is believed: the innermost launcher.
[[nodiscard]] std::span<const Platform* const> platforms();

/// Set and not empty.
[[nodiscard]] inline bool is_set(const Surroundings& surroundings, std::string_view name) {
  const auto value = surroundings.variable(name);
  return value && !value->empty();
}
/// The first name if all of them are set, else "".
[[nodiscard]] inline std::string_view all_set(const Surroundings& surroundings,
                                              std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    if (!is_set(surroundings, name)) {
      return "";
    }
  }
  return *names.begin();
}

}  // namespace toolkit::cluster
