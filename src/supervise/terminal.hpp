#pragma once
// The terminal we were started on, and the one that --pty makes for the child.

#include <toolkit/base/result.hpp>
#include <toolkit/base/unique_fd.hpp>

#include <termios.h>

#include <optional>
#include <string>

namespace toolkit::supervise {

/// Whether our stdin is our controlling terminal, or we are in the foreground of one without it.
/// The child then stays in our process group: it is in the foreground exactly when we are, Ctrl-C
/// and Ctrl-Z reach both of us at once, and a shell's pipeline stays one.
[[nodiscard]] bool on_controlling_terminal();

/// Whether the program on our stdin's terminal has switched line mode off, as editors, REPLs and
/// shells at their prompt do: its Ctrl-C is an editing key, not a request to end.
[[nodiscard]] bool terminal_is_interactive();

/// A pseudo terminal with our own terminal's size, and our terminal in raw mode while it lives.
class PseudoTerminal {
 public:
  [[nodiscard]] static Result<PseudoTerminal> open();
  ~PseudoTerminal();
  PseudoTerminal(PseudoTerminal&&) = default;
  PseudoTerminal& operator=(PseudoTerminal&&) = delete;

  /// For whoever reads the child's output; a second descriptor of ours writes its input.
  [[nodiscard]] UniqueFd take_master() { return std::move(master_); }
  [[nodiscard]] int child_end() const { return slave_.get(); }
  void close_child_end() { slave_.close(); }

  /// Our stdin while it is to be forwarded, else -1.
  [[nodiscard]] int input_fd() const {
    return reading_ && input_open_ && pending_.empty() ? 0 : -1;
  }
  /// The child's terminal while it has to take what was read before, else -1.
  [[nodiscard]] int output_fd() const { return pending_.empty() ? -1 : writing_.get(); }
  /// When one of the two is ready: moves what stdin has to the child; its end of file becomes the
  /// terminal's (Ctrl-D).
  void forward_input();
  /// After SIGWINCH.
  void copy_window_size() const;
  /// In the background we leave our terminal alone. Nothing says when that is over (`fg` of a job
  /// that runs sends no signal), so it is looked at now and then.
  [[nodiscard]] bool in_background() const { return !reading_; }
  void resume();

 private:
  PseudoTerminal() = default;
  void read_input();
  [[nodiscard]] std::string end_of_input() const;

  UniqueFd master_, slave_, writing_;
  std::string pending_;
  bool reading_ = true, input_open_ = true, line_open_ = false, raw_ = false;
  std::optional<termios> saved_;
};

}  // namespace toolkit::supervise
