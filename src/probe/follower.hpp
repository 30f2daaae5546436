#pragma once
// The lines of a file that others write to, as they come: appended, in a new file after rotation by
// rename, or from the beginning again after truncation (logrotate's create and copytruncate).

#include <toolkit/base/duration.hpp>
#include <toolkit/base/result.hpp>
#include <toolkit/base/unique_fd.hpp>

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace toolkit::probe {

class Follower {
 public:
  /// `from_end` leaves out what is there at the first open; a file that appears later is new.
  Follower(std::string path, bool from_end) : path_(std::move(path)), from_end_(from_end) {}

  /// Gets a line without its end (\n or \r\n). Longer ones come in pieces of 64 KiB. What has no
  /// end yet comes again each time, as not `ended`. True stops the reading.
  using Taker = std::function<bool(std::string_view line, bool ended)>;
  /// Reads what is new. True when the taker has stopped it.
  /// The error is the errno of opening or reading: of a file that was never seen, also ENOENT.
  [[nodiscard]] tl::expected<bool, int> read(const Taker& take, SteadyTime until);
  /// Of the current file: what has been read, and what is left for the next read().
  [[nodiscard]] std::uint64_t bytes_read() const;
  [[nodiscard]] bool has_more() const { return more_; }

 private:
  struct Open {
    UniqueFd fd;
    dev_t device = 0;
    ino_t inode = 0;
    off_t offset = 0;
    std::string rest;  // of a line without its end
  };
  int open_current();
  int forget_truncated(Open& file);
  [[nodiscard]] bool was_replaced() const;
  [[nodiscard]] tl::expected<bool, int> read_to_end(Open& file, const Taker& take,
                                                    SteadyTime until);

  std::string path_;
  bool from_end_;
  bool more_ = false;
  std::optional<Open> current_;
  std::optional<Open> previous_;  // renamed away, and perhaps still written to for a while
};

}  // namespace toolkit::probe
