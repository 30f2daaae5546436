#pragma once
// `toolkit check-gpu`: can this container train, and if not, exactly why.

#include <toolkit/base/duration.hpp>
#include <toolkit/cli/command.hpp>

#include <optional>
#include <span>
#include <string>

namespace toolkit::commands {

enum class GdrNeed { optional, required };
[[nodiscard]] Result<void> read_value(std::string_view text, GdrNeed& out);

struct CheckGpuOptions {
  bool json = false;
  std::string explain;  // the id of a rule
  std::string capture, replay;
  bool redact = false;
  std::string root;
  std::string table;  // of versions, laid over ours
  Milliseconds timeout{5'000};
  bool deep = false;
  std::optional<Milliseconds> scan;
  std::optional<int> expect;
  GdrNeed gdr = GdrNeed::optional;
  std::string expect_rate;
  bool strict = false;
};

[[nodiscard]] cli::Command check_gpu_command();
[[nodiscard]] std::span<const cli::Option> check_gpu_options();

/// Looks, judges, prints, and returns the code of who must act.
[[nodiscard]] Result<int> execute_check_gpu(const CheckGpuOptions& options);

}  // namespace toolkit::commands
