#pragma once
// NVIDIA_REQUIRE_*: what an image says it needs, judged as the container tools do before a start:
// a space is OR, a comma AND, several variables AND. Pure. The grammar is libnvidia-container's
// (src/cli/dsl.c) and nvidia-container-toolkit's (internal/requirements); where they differ, an
// unknown word is passed over, as the latter does.

#include <map>
#include <string>
#include <string_view>

namespace toolkit::gpu {

/// What the host has; "" for what was not seen.
struct HostProperties {
  std::string cuda, driver, arch, brand;  // "12.4", "550.54.14", "9.0", "tesla"
};

/// From best to worst.
enum class Requirement { met, unseen, malformed, unmet };

struct RequirementAnswer {
  Requirement state = Requirement::met;
  std::string variable;   // that decided
  std::string condition;  // of it: the first alternative that fails, "cuda>=12.4"
};

[[nodiscard]] Requirement judge_requirement(std::string_view value, const HostProperties& host,
                                            std::string* decisive = nullptr);

/// All of NVIDIA_REQUIRE_*, and CUDA_VERSION of images from before them. The worst answer: one that
/// is unmet, else malformed, else unseen.
[[nodiscard]] RequirementAnswer judge_requirements(
    const std::map<std::string, std::string>& variables, const HostProperties& host);

/// NVIDIA_DISABLE_REQUIRE is true: the container tools did not look.
[[nodiscard]] bool requirements_disabled(const std::map<std::string, std::string>& variables);

}  // namespace toolkit::gpu
