#pragma once
// The small files of a group, each in three system calls, and the tightest of a chain of groups.

#include "hierarchy.hpp"

#include <toolkit/cgroup/limits.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace toolkit::cgroup {

/// v1 has no word for "unlimited": the file then says PAGE_COUNTER_MAX pages (mm/page_counter),
/// LONG_MAX rounded down to a page. 64 KiB is the largest page Linux has, so no real limit is above
/// this.
constexpr std::uint64_t kUnlimited = 0x7FFFFFFFFFFF0000ULL;

[[nodiscard]] std::optional<std::string> read_text(const std::string& path);
/// A file that is one number. Nothing for "max", for v1's unlimited, and what cannot be read.
[[nodiscard]] std::optional<std::uint64_t> read_count(const std::string& path);
/// Whether a line of words ("cpu io memory") has this one.
[[nodiscard]] bool has_line_word(const std::optional<std::string>& line, std::string_view word);

/// One group's word on a limit.
template <typename T>
struct Level {
  enum class Kind { absent, unlimited, set, unreadable } kind = Kind::absent;
  T value{};
  std::string trouble;  // for unreadable
};
/// What a file that cannot be read says: nothing (absent), or that it is unreadable.
[[nodiscard]] Level<std::uint64_t> unread_level(const std::string& path, int error);
/// A file that is a number of bytes or pieces, "max", or "-1".
[[nodiscard]] Level<std::uint64_t> read_level(const std::string& path);

/// The smallest of all levels. Where nothing is set it is unlimited only if no group is hidden.
template <typename T, typename Less>
[[nodiscard]] Limit<T> tightest(const Place& place, std::size_t root_size, Less less,
                                const std::function<Level<T>(const std::string&)>& read) {
  using State = typename Limit<T>::State;
  Limit<T> limit;
  limit.state = State::unlimited;
  std::string unreadable;
  for (const std::string& directory : place.chain) {
    Level<T> level = read(directory);
    if (level.kind == Level<T>::Kind::unreadable) {
      unreadable = level.trouble;
    } else if (level.kind == Level<T>::Kind::set &&
               (limit.state != State::set || less(level.value, limit.value))) {
      limit = {State::set, level.value, directory.substr(root_size), ""};
    }
  }
  limit.reason = !unreadable.empty()        ? unreadable
                 : place.group.hidden_above ? place.group.why_hidden
                                            : "";
  if (limit.state != State::set && !limit.reason.empty()) {
    limit.state = State::unknown;
  }
  return limit;
}
[[nodiscard]] Limit<std::uint64_t> tightest_count(const Place& place,
                                                  const Hierarchies& hierarchies,
                                                  std::string_view file);

}  // namespace toolkit::cgroup
