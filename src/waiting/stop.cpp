#include <toolkit/waiting/stop.hpp>

#include <unistd.h>

namespace toolkit::waiting {

int stopping_signal(process::SignalQueue& signals, bool not_hangup) {
  while (const auto event = signals.next()) {
    const int number = event->number;
    if (process::is_ignored(number) || (number == SIGHUP && not_hangup)) {
      continue;
    }
    if (number == SIGTERM || number == SIGINT || number == SIGHUP || number == SIGQUIT) {
      return number;
    }
    if (number == SIGTSTP || number == SIGTTIN || number == SIGTTOU) {
      ::kill(::getpid(), SIGSTOP);  // as the shell means it
    }
  }
  return 0;
}

int end_by(int number) {
  process::restore_default_and_unblock(number);
  ::kill(::getpid(), number);
  return 128 + number;
}

}  // namespace toolkit::waiting
