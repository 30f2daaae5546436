#include "readiness.hpp"

#include <toolkit/base/log.hpp>
#include <toolkit/waiting/report.hpp>
#include <toolkit/waiting/stop.hpp>

#include <fmt/format.h>

namespace toolkit::supervise {
namespace {

Failure explain(const condition::Mistake& mistake, const std::vector<std::string>& conditions) {
  return fail(ErrorKind::usage,
              fmt::format("--wait: {}\n{}", mistake.message,
                          condition::underline(conditions[mistake.operand], mistake.offset,
                                               mistake.length)),
              mistake.remedy);
}

}  // namespace

Result<std::unique_ptr<waiting::Waiter>> prepare_waiter(const Options& options) {
  const HookOptions& hooks = options.hooks;
  if (hooks.conditions.empty()) {
    return std::unique_ptr<waiting::Waiter>();
  }
  auto tree = condition::parse(hooks.conditions);
  if (!tree) {
    return explain(tree.error(), hooks.conditions);
  }
  auto waiter = waiting::Waiter::make(
      {.tree = std::move(*tree),
       .timeout = hooks.wait_timeout,
       .settings = {.state_directory = options.record.state_directory, .ca_file = ""}});
  if (!waiter) {
    return explain(waiter.error(), hooks.conditions);
  }
  return std::move(*waiter);
}

Result<void> await(waiting::Waiter& waiter, process::SignalQueue& signals, bool hangup_reopens) {
  double told = 0;
  const auto tell = [&](const std::vector<waiting::LeafReport>& leaves, double seconds) {
    if (seconds - told >= 5) {
      told = seconds;
      log_info("{}", waiting::progress_line(leaves, seconds));
    }
  };
  const waiting::Report report = waiter.wait(
      {tell, Milliseconds(1'000)},
      {signals.fd(), [&] { return waiting::stopping_signal(signals, hangup_reopens); }});
  if (report.exit_code == 0) {
    return {};
  }
  return Failure(Error{ErrorKind::failed,
                       fmt::format("--wait: {}", fmt::join(waiting::describe(report), "\n  ")), "",
                       report.exit_code});
}

}  // namespace toolkit::supervise
