#pragma once
// Signals by name and number, and signals as events.

#include <toolkit/base/result.hpp>
#include <toolkit/base/unique_fd.hpp>

#include <signal.h>
#include <sys/types.h>
#include <time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::process {

/// A signal's number as a type of its own; 0 is none.
struct Signal {
  int number = 0;
};

/// TERM, SIGTERM, sigterm, 15, RTMIN, RTMIN+3, RTMAX-1. 1 to 64. Error: usage, with the nearest
/// name.
[[nodiscard]] Result<int> parse_signal(std::string_view text);
/// "SIGTERM", "SIGRTMIN+3"; "signal 77" for what has no name.
[[nodiscard]] std::string signal_name(int number);
/// The names without SIG, for completion.
[[nodiscard]] std::vector<std::string_view> signal_names();

/// What the mask and the dispositions were when the process began, before our entry point blocked
/// everything (see entry.cpp). The kernel's 64-bit mask: bit N-1 is signal N.
[[nodiscard]] std::uint64_t inherited_mask();
/// Puts the inherited mask back into effect: for the commands that want default signal behaviour.
void restore_inherited_mask();

/// Whether whoever started us wants this signal ignored, as nohup(1) and shells without job control
/// do. A blocked signal is queued all the same, signal(7), so readers of the queue have to ask.
[[nodiscard]] bool is_ignored(int number);

/// Undoes both for one signal, so that it ends us: for --die-like-child.
void restore_default_and_unblock(int number);

struct SignalEvent {
  int number = 0;
  int code = 0;  // si_code: SI_KERNEL from the terminal, SI_QUEUE with a value
  pid_t sender = 0;
  std::uint64_t value = 0;  // sigval, when code is SI_QUEUE
};

/// All signals (blocked since the first instruction) as a descriptor to poll.
class SignalQueue {
 public:
  [[nodiscard]] static Result<SignalQueue> open();
  [[nodiscard]] int fd() const { return fd_.get(); }
  /// The next event, or nothing.
  [[nodiscard]] std::optional<SignalEvent> next();
  /// The next event, waited for as long as `limit` says (null: for ever). For those who wait for
  /// nothing else: it comes by the call that waits, where poll(2) would be followed by a read.
  [[nodiscard]] std::optional<SignalEvent> wait(const timespec* limit);

 private:
  explicit SignalQueue(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

/// Sends a signal with what the event carried: rt_sigqueueinfo(2) for a queued value, kill(2) else.
/// Returns the errno, 0 for success.
int forward_signal(pid_t pid, int number, const SignalEvent& event);

}  // namespace toolkit::process
