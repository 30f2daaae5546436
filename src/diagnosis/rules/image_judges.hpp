#pragma once
// The judges that image.cpp lists.

#include <toolkit/diagnosis/rule.hpp>

namespace toolkit::diagnosis {

[[nodiscard]] std::vector<Finding> judge_cuda_runtime(const Question& question);
[[nodiscard]] std::vector<Finding> judge_cuda_compat(const Question& question);
[[nodiscard]] std::vector<Finding> judge_cuda_architecture(const Question& question);
[[nodiscard]] std::vector<Finding> judge_cuda_libraries(const Question& question);
[[nodiscard]] std::vector<Finding> judge_gpu_code(const Question& question);

}  // namespace toolkit::diagnosis
