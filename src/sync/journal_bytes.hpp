#pragma once
// The bytes of an open journal: those in its file, and behind them those that are still to be
// written. Records are read again where they lie, through windows that cost a call of the system
// only for every few hundred of them: each thread asks for them about in the order of their
// writing, and there are a few more windows than threads.

#include <toolkit/base/unique_fd.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace toolkit::sync {

class JournalBytes {
 public:
  JournalBytes() = default;
  /// Of that file the first `written` bytes count.
  JournalBytes(UniqueFd fd, std::uint64_t written) : fd_(std::move(fd)), written_(written) {}

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] std::uint64_t written() const { return written_; }
  [[nodiscard]] std::string_view pending() const { return pending_; }
  [[nodiscard]] std::uint64_t end() const { return written_ + pending_.size(); }

  /// The whole record that begins there; empty where it is not what it was. Until the next call.
  [[nodiscard]] std::string_view record_at(std::uint64_t offset);

  /// Where it is from now on.
  std::uint64_t append(std::string_view record);
  /// All that is pending to the file. The errno, and then it is still pending.
  [[nodiscard]] int write();
  void drop_pending() { pending_.clear(); }

 private:
  struct Window {
    std::string bytes;
    std::uint64_t begin = 0;
    std::uint64_t last_use = 0;
  };
  [[nodiscard]] std::string_view in_a_window(std::uint64_t offset);

  UniqueFd fd_;
  std::uint64_t written_ = 0;
  std::string pending_;
  std::array<Window, 8> windows_;
  std::uint64_t uses_ = 0;
};

}  // namespace toolkit::sync
