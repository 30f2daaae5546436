#pragma once
// Small text helpers that several parts need.

#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit {

[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
/// The parts are views: of a string that dies with the expression they would dangle.
template <std::same_as<std::string> String>
std::vector<std::string_view> split(String&& text, char separator) = delete;
[[nodiscard]] std::string to_upper(std::string_view text);

/// A whole decimal number, or nothing (sign, space, overflow and trailing text are refused).
[[nodiscard]] std::optional<long long> parse_whole(std::string_view text);

/// The candidate that a person most likely meant: the smallest edit distance (a swap of neighbours
/// is one edit), if it is at most a third of the word's length (one edit is always allowed). Empty
/// if none is close.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::span<const std::string_view> candidates);

/// The text with control characters and bytes outside ASCII written as \xNN, for messages that
/// quote hostile input.
[[nodiscard]] std::string printable(std::string_view text);

/// A field of /proc/PID/mountinfo or mounts, where blank, tab, newline and backslash are written
/// \040 \011 \012 \134 (proc_pid_mountinfo(5)). What is no such escape stays.
[[nodiscard]] std::string unescape_octal(std::string_view field);

}  // namespace toolkit
