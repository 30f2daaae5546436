#include "until.hpp"

#include <toolkit/base/log.hpp>
#include <toolkit/waiting/report.hpp>
#include <toolkit/waiting/waiter.hpp>

#include <signal.h>

#include <thread>

namespace toolkit::sync {
namespace {

Error explain(const condition::Mistake& mistake, const std::vector<std::string>& conditions) {
  const std::string picture =
      condition::underline(conditions[mistake.operand], mistake.offset, mistake.length);
  return {ErrorKind::usage, mistake.message + "\n" + picture, mistake.remedy, 0};
}

class Waiting : public Until {
 public:
  Waiting(std::unique_ptr<waiting::Waiter> waiter, Halt& halt)
      : waiter_(std::move(waiter)), halt_(halt), thread_([this] { run(); }) {}
  ~Waiting() override {
    halt_.stop();
    thread_.join();
  }

 private:
  void run() {
    const waiting::Report report = waiter_->wait({}, {halt_.stop_fd(), [] { return SIGTERM; }});
    if (report.ending != waiting::Ending::interrupted) {
      log_info("{}; one last look", waiting::describe(report).front());
      halt_.stop();
    }
  }

  std::unique_ptr<waiting::Waiter> waiter_;
  Halt& halt_;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Until>> Until::start(const std::vector<std::string>& conditions,
                                            const std::string& state_directory, Halt& halt) {
  if (conditions.empty()) {
    return nullptr;
  }
  auto tree = condition::parse(conditions, true, Milliseconds(0));
  if (!tree) {
    return Failure(explain(tree.error(), conditions));
  }
  waiting::Options options{.tree = std::move(*tree), .settings = {}};
  options.settings.state_directory = state_directory;
  auto waiter = waiting::Waiter::make(std::move(options));
  if (!waiter) {
    return Failure(explain(waiter.error(), conditions));
  }
  return std::make_unique<Waiting>(std::move(*waiter), halt);
}

}  // namespace toolkit::sync
