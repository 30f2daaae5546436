#pragma once
// What went wrong, in the three forms its readers need: a kind for programs, words for people, and
// what to do next. Every exit code that is not a child's own comes from exit_code_for.

#include <string>
#include <string_view>

namespace toolkit {

enum class ErrorKind {
  usage,
  not_found,
  denied,
  unavailable,
  timed_out,
  conflict,  // somebody else changed what this relied on
  interrupted,
  failed,
  internal
};

struct Error {
  ErrorKind kind = ErrorKind::failed;
  std::string message;  // the thing, then the reason: "cannot read /x: permission denied"
  std::string remedy;   // what to do, or empty
  int exit_code = 0;  // when the kind does not say it: 126 and 127 of a program that cannot be run
};

/// Exit code of an error: its own if it has one, else usage 2, unavailable 75, timed_out 124,
/// interrupted 130, all others 1. `run` maps every error before the start of its child to 125
/// instead.
[[nodiscard]] int exit_code_for(const Error& error);

/// The system's words for an errno value, lower case: "no such file or directory".
[[nodiscard]] std::string errno_words(int error_number);

/// An Error from errno: "<what>: <errno words>", its kind chosen from the errno (ENOENT is
/// not_found, EACCES and EPERM and EROFS are denied, the rest failed).
[[nodiscard]] Error system_error(std::string_view what, int error_number, std::string remedy = {});

}  // namespace toolkit
