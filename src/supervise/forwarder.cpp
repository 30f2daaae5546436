#include "forwarder.hpp"

#include <toolkit/process/tree.hpp>

#include <unistd.h>

#include <cerrno>

namespace toolkit::supervise {

using process::ProcessInfo;
using process::SignalEvent;

template <typename Predicate>
void Forwarder::send_where(int number, const SignalEvent& event, Predicate predicate) const {
  for (const ProcessInfo& info : process::descendants(::getpid())) {
    if (info.state != 'Z' && predicate(info)) {
      process::forward_signal(info.pid, number, event);
    }
  }
}

void Forwarder::send(int number, const SignalEvent& event) const {
  const auto everybody = [](const ProcessInfo&) { return true; };
  if (main_ == 0 || target_ == SignalTarget::tree) {
    send_where(number, event, everybody);
    return;
  }
  if (target_ == SignalTarget::process) {
    process::forward_signal(main_, number, event);
    return;
  }
  // kill(2) on a group carries no value, and on a shared group it would reach us: both are
  // delivered one by one, the main process first.
  if (shared_group_ || event.code == SI_QUEUE) {
    process::forward_signal(main_, number, event);
    const pid_t group = shared_group_ ? ::getpgrp() : main_;
    send_where(number, event,
               [&](const ProcessInfo& info) { return info.group == group && info.pid != main_; });
    return;
  }
  if (::kill(-main_, number) != 0 && errno == ESRCH) {
    process::forward_signal(main_, number, event);  // it has moved to another group
  }
}

void Forwarder::send_to_tree(int number) const {
  send_where(number, {}, [](const ProcessInfo&) { return true; });
}

void Forwarder::wake_if_stopped() const {
  if (main_ != 0 && process::process_info(main_).state == 'T') {
    send(SIGCONT, {});
  }
}

}  // namespace toolkit::supervise
