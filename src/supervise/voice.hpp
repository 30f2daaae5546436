#pragma once
// What `run` says: the same words to the container's stderr (as the log level allows) and into the
// log file, where they stand between the child's lines at the right place.

#include <toolkit/base/log.hpp>
#include <toolkit/output/tee.hpp>

#include <string_view>

namespace toolkit::supervise {

class Voice {
 public:
  /// While `tee` is set, our lines go to stderr through it, in order with the child's and never
  /// blocking.
  void use(output::Tee* tee);
  void say(log::Level level, std::string_view words);
  /// Only to those who asked for an account: into the log file, and to stderr where a log or record
  /// is kept or -v was given. A plain `run -- true` stays silent.
  void account(std::string_view words);
  /// Whether an account reaches anybody: making its words costs more than all of our own start.
  [[nodiscard]] bool gives_account() const;
  void set_accounting(bool on) { accounting_ = on; }

 private:
  void note(log::Level level, std::string_view words);
  output::Tee* tee_ = nullptr;
  bool accounting_ = false;
};

}  // namespace toolkit::supervise
