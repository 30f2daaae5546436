#pragma once
// One look at one side of the image each; image.cpp calls them in this order.

#include "search.hpp"

namespace toolkit::gpu {

[[nodiscard]] std::vector<Framework> find_frameworks(const Places& places);
[[nodiscard]] std::vector<CudaRuntime> find_runtimes(const CollectOptions& options,
                                                     const Places& places);
/// What the frameworks are linked with or open by name, and links to nothing.
[[nodiscard]] std::vector<ExpectedLibrary> find_libraries(const Places& places,
                                                          const std::vector<Framework>& frameworks,
                                                          const Tables& tables);
[[nodiscard]] std::vector<CompatLibrary> find_compat(const Places& places);
/// Adds to `code` and `not_scanned` what the image's frameworks have; looks until `until`.
void find_code(const CollectOptions& options, const Places& places,
               std::chrono::steady_clock::time_point until, ImageFacts& image);
[[nodiscard]] std::string find_libc(const Places& places);

}  // namespace toolkit::gpu
