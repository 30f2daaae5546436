#pragma once
// An option, declared once, as data. --help, environment names, configuration keys, completions and
// man pages are all read from these tables; CLI11 parses the command line with them. A table
// instead of a CLI11 tree because a supervisor starts thousands of times: building 60 CLI11 options
// takes 150 µs, so only those that a command line mentions are handed to it (measured in
// cli/parse.cpp).

#include <toolkit/base/byte_size.hpp>
#include <toolkit/base/duration.hpp>
#include <toolkit/base/result.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::cli {

/// What a value is: its name in --help, and how it is completed.
enum class ValueKind {
  flag,
  text,
  file,
  directory,
  command,
  duration,
  size,
  signal,
  count,
  user,
  choice
};

struct Option {
  const char* names;  // "-q,--quiet"; the long name also gives TOOLKIT_<COMMAND>_<NAME> and the key
  ValueKind kind;
  const char* value_name;    // "FILE", "UID[:GID]", "never|on-failure[:N]"; empty for flags
  const char* group;         // heading in --help and the man page
  const char* description;   // one line, capital letter, no full stop
  const char* default_text;  // as the user would type it; empty for none
  Result<void> (*assign)(void* options, std::string_view value);  // flags get "true" or "false"
  bool repeatable = false;   // every use adds a value; in the environment one value a line
  const char* choices = "";  // "text,json" for ValueKind::choice

  /// "quiet": the last of the names without its dashes.
  [[nodiscard]] std::string_view long_name() const;
  /// 'q', or 0.
  [[nodiscard]] char short_name() const;
};

/// Values from text, for every type that an options struct holds. Errors are usage errors without
/// the option's name; the caller adds it.
[[nodiscard]] Result<void> read_value(std::string_view text, std::string& out);
[[nodiscard]] Result<void> read_value(std::string_view text, bool& out);
[[nodiscard]] Result<void> read_value(std::string_view text, int& out);  // whole, not negative
[[nodiscard]] Result<void> read_value(std::string_view text, Milliseconds& out);
[[nodiscard]] Result<void> read_value(std::string_view text, ByteSize& out);
template <typename T>
[[nodiscard]] Result<void> read_value(std::string_view text, std::optional<T>& out) {
  T value{};
  TRY(read_value(text, value));
  out = std::move(value);
  return {};
}
template <typename T>
[[nodiscard]] Result<void> read_value(std::string_view text, std::vector<T>& out) {
  T value{};
  TRY(read_value(text, value));
  out.push_back(std::move(value));
  return {};
}

namespace detail {
template <typename Owner, typename Member>
Owner owner_of(Member Owner::*);
}

/// The assign function of a member: `into<&RunOptions::grace>`. Types from other parts take part by
/// a read_value of their own, found by argument-dependent lookup.
template <auto Member>
Result<void> into(void* options, std::string_view value) {
  using Owner = decltype(detail::owner_of(Member));
  return read_value(value, static_cast<Owner*>(options)->*Member);
}

}  // namespace toolkit::cli
