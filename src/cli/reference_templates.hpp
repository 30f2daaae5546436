#pragma once
// The hand-written halves of the generated documents: man/*.1.in and completions/*.in, which
// reference.cmake compiles in.

#include <string_view>

namespace toolkit::cli::reference {

/// The text of a file such as "toolkit-run.1.in"; empty when there is none of that name.
[[nodiscard]] std::string_view template_text(std::string_view name);

}  // namespace toolkit::cli::reference
