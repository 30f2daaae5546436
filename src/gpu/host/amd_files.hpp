#pragma once
// What of AMD's GPUs is read by a probe: the driver asks the GPU for it, and may hang.

#include <toolkit/gpu/host_facts.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::gpu {

[[nodiscard]] std::vector<std::string> files_that_ask_the_gpu(const AmdFacts& amd);
/// A line of one of them.
void take_file_of_gpu(AmdFacts& amd, std::string_view path, std::string_view line);

}  // namespace toolkit::gpu
