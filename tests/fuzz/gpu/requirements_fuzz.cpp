// Any value of NVIDIA_REQUIRE_*, and any tables: an answer; what was not seen never makes it worse
// than unmet.
#include <toolkit/gpu/requirements.hpp>
#include <toolkit/gpu/tables.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace toolkit::gpu;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const Requirement seen = judge_requirement(text, {"12.4", "550.54.14", "9.0", "tesla"});
  const Requirement unseen = judge_requirement(text, {});
  if (unseen == Requirement::unmet || (unseen == Requirement::met && seen == Requirement::unmet)) {
    std::abort();
  }
  (void)judge_requirements({{"NVIDIA_REQUIRE_CUDA", text}, {"CUDA_VERSION", text}}, {});
  (void)parse_tables(text);
  return 0;
}
