#pragma once
// The generations of a log: FILE, FILE.1 (the newest old one) … FILE.keep.

#include <cstdint>
#include <string>

namespace toolkit::output {

[[nodiscard]] std::string generation_path(const std::string& path, int number);

/// FILE becomes FILE.1, FILE.1 becomes FILE.2 and so on until a number is free, or FILE.keep is
/// replaced. The errno, or 0.
[[nodiscard]] int shift_generations(const std::string& path, int keep);

/// Removes the oldest generations until those that are left have at most `budget` bytes.
void trim_generations(const std::string& path, int keep, std::uint64_t budget);

}  // namespace toolkit::output
