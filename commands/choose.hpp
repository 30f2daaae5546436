#pragma once
// One of a few words. CLI11 never sees them: environment and configuration give the same texts.

#include <toolkit/base/result.hpp>

#include <fmt/core.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace toolkit::commands {

template <typename T>
Result<void> choose(std::string_view text, T& out,
                    std::initializer_list<std::pair<std::string_view, T>> choices) {
  std::string known;
  for (const auto& [word, value] : choices) {
    if (word == text) {
      out = value;
      return {};
    }
    known += known.empty() ? "" : ", ";
    known += word;
  }
  return fail(ErrorKind::usage, fmt::format("'{}' is not one of {}", text, known));
}

}  // namespace toolkit::commands
