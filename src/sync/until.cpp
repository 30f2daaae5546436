#include "until.hpp"

#include <toolkit/base/log.hpp>
#include <toolkit/waiting/report.hpp>
#include <toolkit/waiting/waiter.hpp>

#include <signal.h>
#include <sys/eventfd.h>

#include <atomic>
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
      : waiter_(std::move(waiter)),
        halt_(halt),
        enough_(::eventfd(0, EFD_CLOEXEC)),
        met_(::eventfd(0, EFD_CLOEXEC)),
        thread_([this] { run(); }) {}
  ~Waiting() override {
    (void)::eventfd_write(enough_.get(), 1);
    thread_.join();
  }
  [[nodiscard]] bool is_over() const override { return over_; }
  [[nodiscard]] int fd() const override { return met_.get(); }

 private:
  void run() {
    const waiting::Report report = waiter_->wait({}, {enough_.get(), [] { return SIGTERM; }});
    if (report.ending != waiting::Ending::interrupted) {
      log_info("{}; one last look", waiting::describe(report).front());
      over_ = true;
      (void)::eventfd_write(met_.get(), 1);
      halt_.stop();
    }
  }

  std::unique_ptr<waiting::Waiter> waiter_;
  Halt& halt_;
  UniqueFd enough_, met_;
  std::atomic<bool> over_{false};
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
