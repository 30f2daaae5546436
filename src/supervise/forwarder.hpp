#pragma once
// Who gets a signal that we pass on.

#include <toolkit/process/signals.hpp>
#include <toolkit/supervise/options.hpp>

namespace toolkit::supervise {

class Forwarder {
 public:
  /// `shared_group`: on a terminal the child stays in our process group, so that it is in the
  /// foreground whenever we are, and a group signal must leave us (and the rest of a shell's
  /// pipeline) out.
  Forwarder(SignalTarget target, bool shared_group)
      : target_(target), shared_group_(shared_group) {}

  void set_main(pid_t pid) { main_ = pid; }
  /// After the main process has been reaped its number may not be signalled any more: the rest of
  /// the tree is the target.
  void main_is_gone() { main_ = 0; }
  /// Delivers `number` with the value that `event` carries. Members of a group all get a queued
  /// value.
  void send(int number, const process::SignalEvent& event) const;
  /// To every descendant, whatever the target is.
  void send_to_tree(int number) const;
  /// SIGCONT for a child that is stopped, so that it can act on the signal before.
  void wake_if_stopped() const;

 private:
  template <typename Predicate>
  void send_where(int number, const process::SignalEvent& event, Predicate predicate) const;

  SignalTarget target_;
  bool shared_group_;
  pid_t main_ = 0;
};

}  // namespace toolkit::supervise
