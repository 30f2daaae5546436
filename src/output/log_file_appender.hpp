#pragma once
// The file side of the log: one thread's view, no locks. Opens, appends, rotates at line ends, and
// notices when the path leads to another file than the one that is open.

#include <toolkit/base/unique_fd.hpp>
#include <toolkit/output/log_file.hpp>

#include <sys/stat.h>

#include <cstdint>
#include <string_view>

namespace toolkit::output {

class Appender {
 public:
  explicit Appender(LogFileOptions options);

  /// Opens the path, its directories made when they are missing. The errno, or 0.
  [[nodiscard]] int open();
  void close() { fd_.close(); }

  struct Outcome {
    std::size_t taken = 0;  // bytes that are dealt with, those skipped for a fresh line included
    int error = 0;
  };
  /// Appends as much as the file takes. Opens the path first when it is not open.
  [[nodiscard]] Outcome append(std::string_view bytes);
  /// These bytes were to come next and never will: what follows them begins on a fresh line.
  void lose(std::string_view bytes);
  /// Fills in all but last_errno.
  void counts(LogFileStats& stats) const;

 private:
  void adopt(const struct stat& status);
  [[nodiscard]] bool last_line_is_torn() const;
  [[nodiscard]] int complete_torn_line();
  [[nodiscard]] int look_at_path(SteadyTime now);
  [[nodiscard]] std::size_t skip_to_line_start(std::string_view bytes);
  [[nodiscard]] std::size_t piece(std::string_view bytes, bool aged) const;
  [[nodiscard]] bool aged(SteadyTime now) const;
  [[nodiscard]] int rotate(SteadyTime now);
  [[nodiscard]] Outcome write_piece(std::string_view bytes);

  LogFileOptions options_;
  std::uint64_t limit_;  // size at which to rotate; 0 never
  UniqueFd fd_;
  bool regular_ = false;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  std::uint64_t size_ = 0;
  WallTime born_{};
  bool mid_line_ = false;  // what was written last did not end a line
  bool torn_ = false;  // the file's last line lacks its newline, and what follows is another line
  bool skipping_ = false;  // drop the rest of a line whose beginning is in another file
  SteadyTime next_look_{};
  SteadyTime rotate_not_before_{};
  LogFileStats counts_;
};

}  // namespace toolkit::output
