#pragma once
// Errors that name the option they belong to.

#include <toolkit/base/result.hpp>

#include <string>

namespace toolkit::supervise {

/// "cannot open /x: …" becomes "--events: cannot open /x: …".
template <typename T>
[[nodiscard]] Result<T> of_option(std::string_view option, Result<T> result) {
  if (!result) {
    result.error().message.insert(0, std::string(option) + ": ");
  }
  return result;
}

}  // namespace toolkit::supervise
