#pragma once
// Result<T>: a value or an Error. g++ 12 has std::expected only under C++23 and without and_then;
// this alias makes the later move one line.

#include <toolkit/base/error.hpp>

#include <tl/expected.hpp>

#include <utility>

namespace toolkit {

template <typename T>
using Result = tl::expected<T, Error>;

using Failure = tl::unexpected<Error>;

[[nodiscard]] inline Failure fail(ErrorKind kind, std::string message, std::string remedy = {}) {
  return Failure(Error{kind, std::move(message), std::move(remedy), 0});
}
[[nodiscard]] inline Failure fail_errno(std::string_view what, int number,
                                        std::string remedy = {}) {
  return Failure(system_error(what, number, std::move(remedy)));
}

}  // namespace toolkit

#define TOOLKIT_CONCAT_(a, b) a##b
#define TOOLKIT_CONCAT(a, b) TOOLKIT_CONCAT_(a, b)

/// Returns the error of `expression` to our caller, if it has one.
#define TRY(expression)                                         \
  do {                                                          \
    if (auto try_result = (expression); !try_result) {          \
      return ::toolkit::Failure(std::move(try_result).error()); \
    }                                                           \
  } while (false)

/// The same, and otherwise puts the value into `declaration`.
#define TRY_ASSIGN(declaration, expression)                                              \
  auto TOOLKIT_CONCAT(try_assign_, __LINE__) = (expression);                             \
  if (!TOOLKIT_CONCAT(try_assign_, __LINE__)) {                                          \
    return ::toolkit::Failure(std::move(TOOLKIT_CONCAT(try_assign_, __LINE__)).error()); \
  }                                                                                      \
  declaration = std::move(*TOOLKIT_CONCAT(try_assign_, __LINE__))
