#pragma once
// The unfinished line of one stream: held back until its newline comes, so that the two streams do
// not cut each other's lines, and passed on in parts when it grows too long to hold.

#include "line_format.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace toolkit::output {

class LineAssembler {
 public:
  LineAssembler(Stream stream, LineFormat& format) : stream_(stream), format_(&format) {}

  /// Lines without meaning of \r.
  void feed(std::string_view bytes, std::string& out);
  /// Adds to the unfinished line.
  void hold(std::string_view words, std::string& out);
  /// Writes the unfinished line.
  void end_line(Ending ending, std::string& out);
  void write_progress(std::string_view words, std::string& out);

  [[nodiscard]] const std::string& held() const { return held_; }
  [[nodiscard]] std::string& held() { return held_; }
  [[nodiscard]] bool begun() const { return begun_; }
  [[nodiscard]] std::size_t limit() const { return format_->hold_limit(); }
  [[nodiscard]] bool empty() const { return held_.empty() && !begun_; }
  void count_line() { ++lines_; }
  [[nodiscard]] std::uint64_t lines() const { return lines_; }

 private:
  void write_part(std::string& out);

  Stream stream_;
  LineFormat* format_;
  std::string held_;
  bool begun_ = false;  // parts of the line have been written
  std::uint64_t lines_ = 0;
};

}  // namespace toolkit::output
