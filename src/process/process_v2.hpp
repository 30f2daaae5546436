#pragma once
// The only way to Boost.Process: version 2, launching and nothing else. Works with 1.81, where v2
// is header only, and with 1.86 and later, where it is the default and partly compiled.
//
// The library's process handle is replaced by one that only remembers the pid. The real one watches
// SIGCHLD (a handler that would steal from our reaper), opens a pidfd and throws where that is
// refused, kills the child in its destructor, and reports SIGKILL and exit 9 alike (all seen
// with 1.81). basic_process is a template on its executor, so the replacement is a specialisation
// for an executor of ours.

#include <boost/asio/execution_context.hpp>
#include <boost/optional.hpp>     // 1.81 forgets it in some configurations
#include <boost/type_traits.hpp>  // likewise
#include <boost/version.hpp>
#include <sys/types.h>

#define BOOST_PROCESS_V2_DISABLE_PIDFD_OPEN 1
#include <boost/process/v2/posix/vfork_launcher.hpp>
#include <boost/process/v2/process.hpp>

namespace toolkit::process {

/// An executor that runs nothing: a launcher asks it for its context only, to announce the fork.
struct LaunchExecutor {
  boost::asio::execution_context* context_ = nullptr;
  boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept {
    return *context_;
  }
  [[nodiscard]] boost::asio::execution_context& context() const noexcept { return *context_; }
  template <typename Function>
  void execute(Function&& function) const {
    static_cast<Function&&>(function)();
  }
  bool operator==(const LaunchExecutor&) const noexcept = default;
};

}  // namespace toolkit::process

namespace boost::process::v2 {

template <>
struct basic_process<toolkit::process::LaunchExecutor> {
  explicit basic_process(toolkit::process::LaunchExecutor /*executor*/, pid_t started = -1)
      : pid(started) {}
  pid_t pid;
};

}  // namespace boost::process::v2
