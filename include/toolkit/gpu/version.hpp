#pragma once
// Versions as NVIDIA writes them, "550.54.14", "12.4".

#include <string_view>

namespace toolkit::gpu {

/// By number, part by part; a part that is missing is 0. <0, 0, >0. What follows the last digit of
/// a part is passed over ("450.80.02-1", "12.4.1rc").
[[nodiscard]] int compare_versions(std::string_view one, std::string_view other);

/// The n-th part from 0, the branch of a driver being the part 0; -1 where there is none.
[[nodiscard]] int version_part(std::string_view version, int n);

/// "12.4.1" to "12.4".
[[nodiscard]] std::string_view major_minor(std::string_view version);

}  // namespace toolkit::gpu
