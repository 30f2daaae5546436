#include "gpu_check.hpp"

#include <toolkit/base/log.hpp>
#include <toolkit/base/secret.hpp>
#include <toolkit/diagnosis/words.hpp>
#include <toolkit/gpu/collect.hpp>

#include <fmt/core.h>

namespace toolkit::supervise {

Result<void> check_gpus(const environment::Snapshot& variables) {
  gpu::CollectOptions look;
  look.variables = [&](std::string_view name) { return variables.get(name); };
  look.environment = const_cast<char**>(variables.as_envp());  // as execve(2) wants it; only read
  const gpu::Facts facts = gpu::collect(look);
  const diagnosis::Expectations expect;
  const diagnosis::Verdict verdict = diagnosis::diagnose(diagnosis::all_rules(), {facts, expect});
  if (!verdict.has(diagnosis::Status::fail)) {
    if (!verdict.proven || verdict.primary() != nullptr) {
      log_warn("--check-gpu: {}", one_line(verdict));
    }
    return {};
  }
  const std::string& remedy = verdict.primary()->remedy;
  return Failure(Error{ErrorKind::failed, fmt::format("--check-gpu: {}", one_line(verdict)),
                       diagnosis::harmless(mask_secrets(remedy)),
                       diagnosis::exit_code_of(verdict, false)});
}

}  // namespace toolkit::supervise
