#pragma once
// The judges behind the table of health.cpp, by what they look at.

#include <toolkit/diagnosis/rule.hpp>

#include <vector>

namespace toolkit::diagnosis {

// health_memory.cpp
[[nodiscard]] std::vector<Finding> judge_recovery(const Question& question);
[[nodiscard]] std::vector<Finding> judge_ecc(const Question& question);
[[nodiscard]] std::vector<Finding> judge_pages(const Question& question);
[[nodiscard]] std::vector<Finding> judge_remap(const Question& question);
// health_speed.cpp
[[nodiscard]] std::vector<Finding> judge_throttle(const Question& question);
[[nodiscard]] std::vector<Finding> judge_temperature(const Question& question);
[[nodiscard]] std::vector<Finding> judge_power(const Question& question);
[[nodiscard]] std::vector<Finding> judge_clocks(const Question& question);
[[nodiscard]] std::vector<Finding> judge_pcie(const Question& question);
// health_use.cpp
[[nodiscard]] std::vector<Finding> judge_mode(const Question& question);
[[nodiscard]] std::vector<Finding> judge_mig(const Question& question);
[[nodiscard]] std::vector<Finding> judge_processes(const Question& question);
[[nodiscard]] std::vector<Finding> judge_uniform(const Question& question);
// health_xid.cpp
[[nodiscard]] std::vector<Finding> judge_xid(const Question& question);

}  // namespace toolkit::diagnosis
