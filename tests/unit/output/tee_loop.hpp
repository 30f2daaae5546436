#pragma once
// The poll loop that a tee lives in, with pipes in the place of the container's stdout and stderr.

#include <toolkit/output/tee.hpp>

#include <sys/types.h>
#include <tests/support/temp_dir.hpp>
#include <tests/unit/output/pipes.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::output {

class TeeLoop {
 public:
  /// Options that make the log the child's bytes and nothing else. The consoles are `out` and
  /// `err`, unless the options say otherwise.
  explicit TeeLoop(TeeOptions options = raw_options());

  [[nodiscard]] static TeeOptions raw_options();
  [[nodiscard]] Tee& tee() { return *tee_; }
  [[nodiscard]] std::string log_path() const { return directory_ / "train.log"; }
  [[nodiscard]] std::string log_text();

  /// One round of the loop, of at most this long.
  void step(Milliseconds limit = Milliseconds(20));
  /// Rounds until `done`, with what the consoles have read if `read_consoles`. False after 20 s.
  [[nodiscard]] bool run_until(const std::function<bool()>& done);
  void write(Stream stream, std::string_view bytes);
  void close_child() { tee_->close_child_ends(); }
  void close(Milliseconds limit = Milliseconds(5'000));
  [[nodiscard]] bool warned(std::string_view words) const;

  const BlockedSignals blocked;
  Pipe out;
  Pipe err;
  bool read_consoles = true;
  std::string out_text;
  std::string err_text;
  std::vector<std::string> warnings;

 private:
  support::TempDir directory_;
  std::unique_ptr<Tee> tee_;
  std::vector<pollfd> entries_;
};

/// A child process that runs `body` and ends; its streams are the tee's.
[[nodiscard]] pid_t spawn_writer(Tee& tee, const std::function<void()>& body);

}  // namespace toolkit::output
