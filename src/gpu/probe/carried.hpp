#pragma once
// The probe's executable, as it lies inside of ours.

#include <string_view>

namespace toolkit::gpu {

[[nodiscard]] std::string_view carried_probe();

}  // namespace toolkit::gpu
