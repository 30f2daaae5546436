#pragma once
// The text of a time, made once and kept while the time stays: asking the time zone and formatting
// for every line would cost more than all else that is done with a line.

#include <toolkit/base/duration.hpp>

#include <string>

namespace toolkit::output {

struct StampStyle {
  bool utc = false;
  char separator = ' ';  // between date and time
  int digits = 0;        // of the second's fraction, 0 to 9
  std::string_view end;  // behind the time
};

class StampClock {
 public:
  explicit StampClock(StampStyle style) : style_(style) {}
  /// True when the text is another one than before.
  bool set(WallTime now);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void write_second(std::chrono::sys_seconds second);
  void write_fraction(std::chrono::nanoseconds fraction);

  StampStyle style_;
  std::string text_;
  std::chrono::sys_seconds second_{};
  std::chrono::nanoseconds fraction_{};
};

}  // namespace toolkit::output
