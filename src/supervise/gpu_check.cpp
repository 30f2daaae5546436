#include "gpu_check.hpp"

#include <toolkit/base/log.hpp>
#include <toolkit/base/secret.hpp>
#include <toolkit/diagnosis/words.hpp>
#include <toolkit/gpu/collect.hpp>
#include <toolkit/waiting/stop.hpp>

#include <fmt/core.h>

#include <chrono>

namespace toolkit::supervise {

Result<void> check_gpus(const Options& options, const environment::Snapshot& variables,
                        process::SignalQueue& signals) {
  const auto begin = std::chrono::steady_clock::now();
  int signal = 0;
  gpu::CollectOptions look;
  look.timeout = options.hooks.check_gpu_timeout.value_or(look.timeout);
  look.stopped = [&] {
    signal =
        signal != 0 ? signal : waiting::stopping_signal(signals, options.output.reopen_on_hangup);
    return signal != 0;
  };
  look.variables = [&](std::string_view name) { return variables.get(name); };
  look.environment = const_cast<char**>(variables.as_envp());  // as execve(2) wants it; only read
  const gpu::Facts facts = gpu::collect(look);
  if (look.is_stopped()) {
    const std::chrono::duration<double> after = std::chrono::steady_clock::now() - begin;
    return Failure(Error{ErrorKind::failed,
                         fmt::format("--check-gpu: interrupted by {} after {:.2f}s",
                                     process::signal_name(signal), after.count()),
                         "", 128 + signal});
  }
  diagnosis::Expectations expect;
  expect.gpus = options.hooks.expected_gpus;
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
