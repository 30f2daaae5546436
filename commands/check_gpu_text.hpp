#pragma once
// The answer of `check-gpu` for people: one screen, what matters most first.

#include "check_gpu_judged.hpp"

#include <cstddef>
#include <string>

namespace toolkit::commands {

struct PageStyle {
  bool colour = false;
  std::size_t columns = 100;
  bool all = false;  // also what passed, does not apply or is blocked
};

[[nodiscard]] std::string to_text(const Judged& judged, PageStyle style);

}  // namespace toolkit::commands
