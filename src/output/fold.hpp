#pragma once
// Progress bars: a line that rewrites itself with \r is a row of states, of which the newest one is
// written now and then, and the last one at the line's end. \r\n is a plain end of a line.

#include "line_assembler.hpp"

#include <string>
#include <string_view>

namespace toolkit::output {

class Fold {
 public:
  Fold(LineAssembler& lines, Milliseconds interval) : lines_(&lines), interval_(interval) {}

  void feed(std::string_view bytes, SteadyTime now, std::string& out);
  /// Writes the newest state when it is due.
  void tick(SteadyTime now, std::string& out);
  [[nodiscard]] SteadyTime due() const;
  void finish(std::string& out);

 private:
  void feed_part(std::string_view words, bool ended, SteadyTime now, std::string& out);
  void rewrite(std::string_view words, SteadyTime now, std::string& out);
  void start_interval(SteadyTime now);
  void keep_held(std::string& out);
  void keep_state(std::string_view words, std::string& out);
  void end_long_state(std::string& out);
  void hold(std::string_view words, std::string& out);
  void end_line(Ending ending, std::string& out);
  void end_progress(Ending ending, std::string& out);
  void reset();
  [[nodiscard]] const std::string& newest() const;

  LineAssembler* lines_;  // its held words are the state being written
  Milliseconds interval_;
  std::string state_;         // the last complete state that shows something
  bool rewritten_ = false;    // the line has had a \r that was not its end
  bool return_seen_ = false;  // the last byte was a \r: its meaning depends on the next one
  bool shown_ = false;        // the newest state has been written
  bool timed_ = false;
  SteadyTime due_{};
};

}  // namespace toolkit::output
