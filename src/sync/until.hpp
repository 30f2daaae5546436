#pragma once
// --until: the sync stops following when a condition of `toolkit wait` is met, or can never be.

#include "halt.hpp"

#include <memory>
#include <string>
#include <vector>

namespace toolkit::sync {

class Until {
 public:
  /// Waits on a thread of its own, and calls halt.stop(). Null for no conditions. Error: usage,
  /// with a caret under the mistake.
  static Result<std::unique_ptr<Until>> start(const std::vector<std::string>& conditions,
                                              const std::string& state_directory, Halt& halt);
  virtual ~Until() = default;
  /// Whether it is met, or can never be.
  [[nodiscard]] virtual bool is_over() const = 0;
  /// Readable from then on.
  [[nodiscard]] virtual int fd() const = 0;
};

}  // namespace toolkit::sync
