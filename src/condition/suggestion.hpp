#pragma once
// What somebody may have meant who wrote a word that is no condition.

#include <string>
#include <string_view>

namespace toolkit::condition {

/// For a word without SCHEME: in front.
[[nodiscard]] std::string suggest_scheme(std::string_view word);

/// For a word before brackets that is not all, any, not or for.
[[nodiscard]] std::string suggest_function(std::string_view name);

}  // namespace toolkit::condition
