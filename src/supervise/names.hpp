#pragma once
// The job's name when none was given, its rank, and the templates in --log and --prefix.

#include <toolkit/base/result.hpp>
#include <toolkit/environment/snapshot.hpp>

#include <optional>
#include <string>
#include <vector>

namespace toolkit::supervise {

/// "train" for `python -u train.py`, `torchrun --nproc 2 train.py`, `./train`; the module's name
/// for `python -m pkg.train`; never empty.
[[nodiscard]] std::string name_of_command(const std::vector<std::string>& argv);

/// The first of the launchers' variables that is set: torchrun's, then Slurm's, Open MPI's, PMI's.
[[nodiscard]] std::optional<std::string> rank_of(const environment::Snapshot& environment);
[[nodiscard]] std::optional<std::string> local_rank_of(const environment::Snapshot& environment);

/// Where placeholders get their values; the environment is searched only for those that occur.
struct TemplateValues {
  std::string_view name;
  const environment::Snapshot& environment;
  int attempt = 1;
};

[[nodiscard]] std::string host_name();

/// {name} {rank} {local_rank} {node} {host} {pid} {attempt} {date}; {-rank} is "-3", or nothing
/// where there is no rank; {{ is a brace. {pid} is our own. Unknown ranks are 0. Error: usage,
/// naming the unknown word.
[[nodiscard]] Result<std::string> expand_template(std::string_view text,
                                                  const TemplateValues& values);

}  // namespace toolkit::supervise
