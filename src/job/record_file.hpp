#pragma once
// The record file as it is, without judging whether its writer lives.

#include <toolkit/job/record.hpp>

#include <string>

namespace toolkit::job {

[[nodiscard]] Result<Record> parse_file(const std::string& job_directory);

}  // namespace toolkit::job
